"""What a policy would have done: the logged predictions once more, answered by whoever that policy had in charge.

The same watch looks at a copy of the log that grows as the real one did, in a workspace that is thrown away, by a clock
that shows the time of the log. Trainings are real ones. There is no server, so no candidate is tried beside a champion.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from omloop.bundle import Bundle, Session
from omloop.core import DataError, Label, OmloopError, Prediction, Window, saying
from omloop.evaluate import metric
from omloop.loop.offline import answers_to
from omloop.loop.policy import Policy
from omloop.loop.watch import watch_once
from omloop.loop.workspace import Workspace

LOOK = 250
"""Predictions between two looks."""

DAY = 86_400.0


@dataclass(frozen=True)
class Step:
    """A stretch of the log: when it ended, the version that answered, and the main metric of its labelled answers."""

    time: float
    version: str
    rows: int
    labelled: int
    score: float


@dataclass(frozen=True)
class Replay:
    """What came of one policy: every stretch, how often it rang, retrained and promoted, and what training took."""

    name: str
    steps: tuple[Step, ...]
    alarms: int
    retrained: int
    promoted: int
    rolled_back: int
    training_s: float
    score: float


@dataclass(frozen=True)
class Backtest:
    """The replays of several policies over the same predictions, and which metric the scores are."""

    project: str
    metric: str
    rows: int
    labelled: int
    days: float
    replays: tuple[Replay, ...]


def backtest(
    name: str,
    workspace: Workspace,
    policies: Mapping[str, Policy],
    *,
    days: float = 30.0,
    tell: Callable[[str], None] = lambda text: None,
) -> Backtest:
    """Replay the last `days` days of the log through each policy.

    Raises OmloopError when the log holds no predictions, or not their inputs, which other versions could answer.
    """
    window, first = _logged(name, workspace, days)
    replays = [_replay(name, workspace, policy, called, window, first, tell) for called, policy in policies.items()]
    known = window.predictions
    span = (known[-1].time - known[0].time) / DAY
    main = first.output.metrics[0]
    return Backtest(name, main, len(known), len(window.labels), span, tuple(replays))


def _logged(name: str, workspace: Workspace, days: float) -> tuple[Window, Bundle]:
    """The predictions to replay, and the version that answered the first of them."""
    with contextlib.closing(workspace.predictions(name)) as log:
        window = log.window()
    if not window.predictions:
        raise OmloopError(f"There are no predictions of '{name}' to replay. Serve it first: omloop serve {name}")
    since = window.predictions[-1].time - days * DAY
    kept = tuple(prediction for prediction in window.predictions if prediction.time >= since)
    ids = {prediction.id for prediction in kept}
    labels = {one: label for one, label in window.labels.items() if one in ids}
    times = {one: when for one, when in window.label_times.items() if one in ids}
    first = workspace.registry(name).load(kept[0].version)
    if first.kind.replay(kept[0].inputs) is None:
        raise OmloopError("The log keeps what was observed of the inputs alone, so that no other version can answer.")
    return Window(kept, labels, label_times=times), first


def _replay(
    name: str,
    workspace: Workspace,
    policy: Policy,
    called: str,
    window: Window,
    first: Bundle,
    tell: Callable[[str], None],
) -> Replay:
    policy = msgspec.structs.replace(policy, shadow=0, promote="auto")
    steps, training = [], 0.0
    with _apart(workspace) as apart:
        registry = replace(apart, clock=_clock(window.predictions[0].time)).registry(name)
        registry.promote(registry.add(first, by="backtest"), expected=None, by="backtest", reason="live at that time")
        for stretch in _stretches(window):
            then = replace(apart, clock=_clock(stretch.predictions[-1].time))
            champion = then.registry(name).load(registry.champion() or "")
            steps.append(_answer(name, then, champion, stretch, window))
            begun = time.monotonic()
            found = watch_once(name, then, policy, tell=lambda text: None)
            if any(event.kind == "retrained" for event in found.events):
                training += time.monotonic() - begun
            done = sum(step.rows for step in steps)
            tell(f"backtest {called}: {done} of {len(window.predictions)} predictions; {found.action}")
        kinds = [event.kind for event in registry.history()]
    scored = [step for step in steps if not math.isnan(step.score)]
    weight = sum(step.labelled for step in scored)
    return Replay(
        name=called,
        steps=tuple(steps),
        alarms=kinds.count("alarm"),
        retrained=kinds.count("retrain"),
        promoted=kinds.count("promote") - 1,
        rolled_back=kinds.count("rollback"),
        training_s=training,
        score=sum(step.score * step.labelled for step in scored) / weight if weight else math.nan,
    )


def _answer(name: str, apart: Workspace, champion: Bundle, stretch: Window, window: Window) -> Step:
    """Record a stretch as the champion would have answered it, and the labels that had come by its end."""
    predictions = _answered(champion, stretch.predictions)
    now = predictions[-1].time
    with contextlib.closing(apart.predictions(name)) as log:
        log.record(predictions)
        known = log.window(labelled=True).labels
        due = [one for one, when in window.label_times.items() if when <= now and one not in known]
        log.feedback([Label(one, window.labels[one], window.label_times[one]) for one in due])
    labelled = [prediction for prediction in predictions if prediction.id in window.labels]
    score = math.nan
    if labelled:
        truth = champion.output.encode([window.labels[prediction.id] for prediction in labelled])
        outputs = champion.output.gather([prediction.output for prediction in labelled])
        score = float(metric(champion.output.metrics[0])(truth, outputs))
    return Step(now, champion.version, len(predictions), len(labelled), score)


def _answered(champion: Bundle, predictions: Sequence[Prediction]) -> list[Prediction]:
    """The same predictions as this version answers them; its own answers stay as they were logged."""
    others = [prediction for prediction in predictions if prediction.version != champion.version]
    if not others:
        return list(predictions)
    session = Session.of(champion)
    raws = [session.inputs.replay(prediction.inputs) or {} for prediction in others]
    try:
        columns = {field: [raw[field] for raw in raws] for field in session.inputs.fields}
        examples = session.inputs.encode(columns)
    except (KeyError, DataError) as error:
        raise OmloopError(f"{champion.version} cannot read inputs of other versions in the log: {error}.") from error
    changed = {
        prediction.id: replace(prediction, version=champion.version, output=answer)
        for prediction, answer in zip(others, answers_to(session, examples), strict=True)
    }
    return [changed.get(prediction.id, prediction) for prediction in predictions]


def _stretches(window: Window) -> Iterator[Window]:
    for start in range(0, len(window.predictions), LOOK):
        yield replace(window, predictions=window.predictions[start : start + LOOK])


def _clock(now: float) -> Callable[[], float]:
    return lambda: now


@contextlib.contextmanager
def _apart(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace that is thrown away, inside the real one."""
    with saying("write", workspace.root):
        folder = tempfile.TemporaryDirectory(prefix=".backtest-", dir=workspace.root, ignore_cleanup_errors=True)
    with folder as root:
        settings = replace(workspace.settings, workspace=root, store="files", predictions="files")
        yield Workspace(settings)
