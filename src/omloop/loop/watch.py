"""Watching a served version: has the input moved, does it hurt, is it time for another turn?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.bundle import MODEL, Bundle, recall_embedding
from omloop.core import Drift, Estimate, OmloopError, Window
from omloop.evaluate import evaluate, metric
from omloop.loop.discover import find_project

if TYPE_CHECKING:
    from omloop.loop.turn import Turned
    from omloop.loop.workspace import Workspace

LOG = logging.getLogger("omloop.watch")


@dataclass(frozen=True)
class Policy:
    """What `watch` looks at and what it does.

    `newest` is the number of live predictions in a window, `least` how many it takes for a verdict and how many new
    labels for another turn, `level` the share of drift-free windows that may ring.
    """

    newest: int = 1000
    least: int = 200
    level: float = 0.01
    retrain: bool = False


@dataclass(frozen=True)
class Watched:
    """What a look at the live predictions showed.

    `drift` is None while there are too few to tell. `live` and `tested` are the metrics on the labelled part of the
    window and on the test part; `hurt` says that the main one is worse beyond doubt. `action` says what was done.
    """

    project: str
    version: str
    rows: int
    labelled: int
    drift: Drift | None
    live: Mapping[str, Estimate]
    tested: Mapping[str, Estimate]
    hurt: bool
    action: str
    turned: Turned | None = None

    @property
    def rings(self) -> bool:
        """Whether there is anything to tell: the input moved, or the model got worse."""
        return self.hurt or (self.drift is not None and self.drift.moved)


def watch_once(name: str, workspace: Workspace, policy: Policy, *, tell: Callable[[str], None] = LOG.info) -> Watched:
    """Look once at the newest live predictions of the champion; with `policy.retrain`, turn again when it is due."""
    registry = workspace.registry(name)
    version = registry.champion()
    if version is None:
        raise OmloopError(f"'{name}' has no champion to watch. Make one with: omloop turn {name}")
    bundle = registry.load(version)
    tell(f"watch: the newest {policy.newest} predictions of {version}")
    predictions = workspace.predictions(name)
    try:
        window = predictions.window(version=version, newest=policy.newest)
        all_labelled = len(predictions.window(labelled=True).predictions)
    finally:
        predictions.close()
    found = look(name, version, bundle, window, policy)
    if not (found.rings and policy.retrain):
        return found
    return _turn_again(found, bundle, workspace, policy, all_labelled, tell)


def look(name: str, version: str, bundle: Bundle, window: Window, policy: Policy) -> Watched:
    """Compare a window with what the version was trained and tested on. Pure: nothing is read or written."""
    tested = bundle.manifest.variants[MODEL].metrics
    drift: Drift | None = None
    live: Mapping[str, Estimate] = {}
    if len(window.predictions) >= policy.least:
        drift = _drift(bundle, window, policy.level)
    if len(window.labels) >= policy.least:
        live = _scores(bundle, window)
    hurt = bool(live) and _worse(bundle.output.metrics[0], live, tested)
    action = "collecting: too few predictions for a verdict" if drift is None else "nothing to do"
    if hurt or (drift is not None and drift.moved):
        action = "told"
    return Watched(name, version, len(window.predictions), len(window.labels), drift, live, tested, hurt, action)


def _drift(bundle: Bundle, window: Window, level: float) -> Drift:
    from omloop.drift import detect

    reference, answers = bundle.reference, [prediction.output for prediction in window.predictions]
    observed = bundle.kind.recall([prediction.inputs for prediction in window.predictions])
    outputs = bundle.output.observe(bundle.output.gather(answers))
    seen = recall_embedding(answers, reference.columns)
    return detect(reference, {**observed, **outputs, **seen}, level=level)


def _scores(bundle: Bundle, window: Window) -> Mapping[str, Estimate]:
    output = bundle.output
    labelled = [prediction for prediction in window.predictions if prediction.id in window.labels]
    truth = output.encode([window.labels[prediction.id] for prediction in labelled])
    outputs = output.gather([prediction.output for prediction in labelled])
    return evaluate(truth, outputs, output.metrics, part="live", seed=len(labelled)).metrics


def _worse(name: str, live: Mapping[str, Estimate], tested: Mapping[str, Estimate]) -> bool:
    """Whether the live interval lies wholly on the bad side of the test interval."""
    if metric(name).higher_is_better:
        return live[name].high < tested[name].low
    return live[name].low > tested[name].high


def _turn_again(
    found: Watched, bundle: Bundle, workspace: Workspace, policy: Policy, labelled: int, tell: Callable[[str], None]
) -> Watched:
    """Turn on old data and all labelled predictions, unless the newest version has learned from these labels."""
    registry = workspace.registry(found.project)
    learned = registry.manifest(registry.versions()[-1]).lineage.live_rows
    if labelled - learned < policy.least:
        need = policy.least - (labelled - learned)
        return replace(found, action=f"waiting: {need} more labels before the next turn")
    from omloop.loop.configure import configure, overrides_in
    from omloop.loop.turn import turn

    project = find_project(found.project, workspace.settings)
    stored = overrides_in(bundle.files["config.yaml"].decode())
    overrides = [word for word in stored if not word.startswith("data.live=")]
    turned = turn(project, configure(project, [*overrides, "data.live=true"]), workspace, by="watch", tell=tell)
    return replace(found, action=f"turned: {turned.decision.verdict}", turned=turned)
