"""What a policy would have done: it replays the logged predictions, answered by that policy's own champion.

The same watch looks at a copy of the log that grows as the real one did. It does so in a throw-away workspace, by a
clock that shows the time of the log. Trainings are real ones. There is no server, so no candidate runs beside a
champion.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Bundle, Session
from omloop.core import DataError, Label, Metric, NumberArray, OmloopError, Prediction, Window
from omloop.loop.project.scoring import metrics_in
from omloop.loop.records.unseen import learned_live
from omloop.loop.rehearsal.backtest_page import DAY, keep_backtest
from omloop.loop.rehearsal.backtest_result import Backtest, Replay, Stretch
from omloop.loop.serving.offline import answers_to
from omloop.loop.watch.policy import Policy
from omloop.loop.watch.watch import watch_once
from omloop.loop.workspace import Workspace

LOOK = 250
"""Predictions between two looks."""


@dataclass(frozen=True)
class _Answered:
    """A stretch as the version in charge answered it: ids, truth and outputs of labelled rows, and which it knew.

    `metric` is the main one, as that version decides.
    """

    version: str
    metric: Metric
    rows: int
    until: float
    ids: Sequence[str]
    truth: NumberArray
    outputs: NumberArray
    known: NDArray[np.bool_]

    def step(self, left_out: Set[str]) -> Stretch:
        """Its score, without the excluded rows."""
        kept = np.array([one not in left_out for one in self.ids], bool)
        score = math.nan
        if kept.any():
            score = self.metric(self.truth[kept], self.outputs[kept])
        return Stretch(self.until, self.version, self.rows, int(kept.sum()), score)


@dataclass(frozen=True)
class _Replayed:
    """A replay before scoring."""

    name: str
    answered: Sequence[_Answered]
    kinds: Sequence[str]
    training_s: float

    def scored(self, left_out: Set[str]) -> Replay:
        """The replay with the scores of all its stretches."""
        steps = tuple(one.step(left_out) for one in self.answered)
        weight = sum(step.labelled for step in steps if math.isfinite(step.score))
        return Replay(
            name=self.name,
            steps=steps,
            alarms=self.kinds.count("alarm"),
            retrained=self.kinds.count("retrain"),
            promoted=self.kinds.count("promote") - 1,
            rolled_back=self.kinds.count("rollback"),
            training_s=self.training_s,
            score=sum(s.score * s.labelled for s in steps if math.isfinite(s.score)) / weight if weight else math.nan,
        )


def backtest(
    name: str,
    workspace: Workspace,
    policies: Mapping[str, Policy],
    *,
    days: float = 30.0,
    tell: Callable[[str], None] = lambda text: None,
) -> Backtest:
    """Replay the last `days` days of the log through each policy.

    It keeps the result as a page of the workspace. Raises OmloopError if the log holds no predictions, or not their
    inputs for other versions.
    """
    window, first = _logged(name, workspace, days)
    replays = [_replay(name, workspace, policy, called, window, first, tell) for called, policy in policies.items()]
    known = window.predictions
    span = (known[-1].time - known[0].time) / DAY
    main = metrics_in(first, workspace.settings)[0].name
    answered = [one for replay in replays for one in replay.answered]
    # Known in any of the replays: all policies are scored on the same rows.
    left_out = {each for one in answered for each, knew in zip(one.ids, one.known.tolist(), strict=True) if knew}
    scored = tuple(replay.scored(left_out) for replay in replays)
    found = Backtest(name, main, len(known), len(window.labels), len(left_out), span, scored)
    keep_backtest(found, workspace)
    return found


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
) -> _Replayed:
    # No server answers beside it, and no person: what would wait for either is decided at once.
    policy = msgspec.structs.replace(policy, shadow=0, promote="auto")
    answered, training = list[_Answered](), 0.0
    with workspace.apart("backtest") as apart:
        registry = replace(apart, clock=_clock(window.predictions[0].time)).registry(name)
        registry.promote(registry.add(first, by="backtest"), expected=None, by="backtest", reason="live at that time")
        for stretch in _stretches(window):
            then = replace(apart, clock=_clock(stretch.predictions[-1].time))
            champion = then.registry(name).load(registry.champion() or "")
            main = metrics_in(first, workspace.settings, output=champion.output)[0]
            answered.append(_answer(name, then, champion, main, stretch, window))
            begun = time.monotonic()
            found = watch_once(name, then, policy, tell=lambda text: None)
            if any(event.kind == "retrained" for event in found.events):
                training += time.monotonic() - begun
            done = sum(one.rows for one in answered)
            tell(f"backtest {called}: {done} of {len(window.predictions)} predictions; {found.action}")
        kinds = [event.kind for event in registry.history()]
    return _Replayed(called, answered, kinds, training)


def _answer(name: str, apart: Workspace, champion: Bundle, main: Metric, stretch: Window, window: Window) -> _Answered:
    """Record a stretch as the champion would have answered it, and the labels that had come by its end."""
    predictions = _answered(champion, stretch.predictions)
    now = predictions[-1].time
    with contextlib.closing(apart.predictions(name)) as log:
        log.record(predictions)
        known = log.window(labelled=True).labels
        due = [one for one, when in window.label_times.items() if when <= now and one not in known]
        log.feedback([Label(one, window.labels[one], window.label_times[one]) for one in due])
    labelled = [prediction for prediction in predictions if prediction.id in window.labels]
    truths = [window.labels[prediction.id] for prediction in labelled]
    return _Answered(
        version=champion.version,
        metric=main,
        rows=len(predictions),
        until=now,
        ids=[prediction.id for prediction in labelled],
        truth=champion.output.encode(truths),
        outputs=champion.output.gather([prediction.output for prediction in labelled]),
        known=learned_live(champion, champion.kind, list(zip(labelled, truths, strict=True))),
    )


def _answered(champion: Bundle, predictions: Sequence[Prediction]) -> list[Prediction]:
    """The same predictions with this version's answers; its own logged answers stay."""
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
