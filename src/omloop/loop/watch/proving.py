"""Whether a retrained version does in service what the gate found: beside the champion first, then in its place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Bundle, Session
from omloop.core import DataError, Event, PromotionError, Settings, Window, megabytes, milliseconds
from omloop.data import record_keys
from omloop.loop.project.scoring import metrics_in
from omloop.loop.records.episodes import broken_spans
from omloop.loop.records.unseen import learned_live
from omloop.loop.version.copies import labelled_once
from omloop.loop.watch.stage import BY, claimed_by
from omloop.loop.watch.trial import judge_trial, stop_if_worse
from omloop.promote import Case, Rules, judge

if TYPE_CHECKING:
    from omloop.loop.watch.policy import Policy
    from omloop.loop.watch.snapshot import Snapshot
    from omloop.loop.workspace import Workspace

LEAST = 100
"""Labelled answers before the first judgement of a promoted version."""

CHEAP_MS = 1.0
"""Milliseconds that a row may take, however little the champion takes."""

TURNS = 30
"""Runs of one row to compare the times of two versions."""

EARLY = 0.999
"""Confidence of a judgement before the probation is over: there may be many of them."""


@dataclass(frozen=True)
class TrialFinding:
    """Whether a version may stay (`good`), must go (`bad`), or needs more answers (`wait`); why, and the numbers."""

    verdict: Literal["good", "bad", "wait"]
    reason: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def dearer(candidate: Bundle, champion: Bundle, policy: Policy) -> TrialFinding:
    """Whether a candidate costs too much: the size of its model, and the time of one row, measured in turns."""
    ours, theirs = _milliseconds(candidate, champion)
    size = len(candidate.graph())
    numbers = {"milliseconds": ours, "times_slower": ours / max(theirs, 1e-9), "megabytes": size / 1e6}
    took = f"{milliseconds(ours / 1000)} a row, {numbers['times_slower']:.1f} times the champion's"
    told = f"it takes {took}, and {megabytes(size)}"
    slow = ours > CHEAP_MS and numbers["times_slower"] > policy.most_times_slower
    large = policy.most_megabytes and size > 1e6 * policy.most_megabytes
    return TrialFinding("bad" if slow or large else "good", told, numbers)


def prove_in_shadow(now: Snapshot, workspace: Workspace, retrained: Event, policy: Policy) -> TrialFinding:
    """The findings so far on a candidate beside the champion; it begins the trial if none runs."""
    name, registry, candidate = now.project, workspace.registry(now.project), retrained.version
    events = registry.history()
    for event in events[retrained.number :]:
        if event.kind == "stop" and event.version == candidate:
            return TrialFinding("bad", f"its trial was ended: {event.reason}")
    if events[-1].trial is None:
        by, reason = claimed_by(int(retrained.evidence["claim"])), "a watch retrained it, and the gate found it better"
        try:
            registry.begin_trial(candidate, "shadow", share=1.0, by=by, reason=reason)
        except PromotionError as error:
            return TrialFinding("good", f"not tried beside the champion: {error}")
    tried = judge_trial(name, workspace, load=now.load)
    if tried is None or tried.trial.version != candidate:
        return TrialFinding("wait", f"another version is being tried: see omloop trial {name}")
    if stop_if_worse(tried, workspace, by=BY):
        return TrialFinding("bad", tried.worse)
    over = workspace.clock() - tried.trial.since > 60.0 * policy.shadow_minutes
    told = f"{tried.answered} answers beside the champion, {tried.failed} failed"
    if tried.answered < policy.shadow and not over:
        return TrialFinding("wait", f"{told}, {policy.shadow} wanted")
    numbers = {"shadowed": float(tried.answered), "failed": float(tried.failed)}
    alike = tried.difference if tried.difference is not None else tried.agreement
    return TrialFinding("good", told, numbers if alike is None else {**numbers, "alike": alike})


def probation(now: Snapshot, workspace: Workspace, promoted: Event, policy: Policy) -> TrialFinding:
    """What a promoted version's first labelled answers say, against what the champion before would have answered."""
    events = workspace.registry(now.project).known
    new, predictions = now.load(promoted.version), workspace.predictions(now.project)
    try:
        window = broken_spans(events, workspace.clock()).without(
            predictions.window(version=promoted.version, labelled=True)
        )
        served = window.predictions or predictions.window(version=promoted.version, newest=1).predictions
        newest = predictions.window(newest=LEAST).predictions
    finally:
        predictions.close()
    window = labelled_once(new, window)
    window = replace(window, predictions=window.predictions[-policy.probation :])
    known = [prediction for prediction in newest if prediction.time <= workspace.clock()]  # not one from the future
    # A minute: servers look for a new champion every few seconds, and some requests were on their way.
    if not served and len(known) == LEAST and known[0].time > promoted.time + 60:
        return TrialFinding(
            "bad", f"{LEAST} requests were answered since its promotion, none by it: no server takes it up"
        )
    rows, over = len(window.predictions), workspace.clock() - promoted.time > 3600.0 * policy.probation_hours
    if rows < LEAST:
        need = f"{rows} of {LEAST} labelled answers"
        return (
            TrialFinding("good", f"its time of probation is over with {need}") if over else TrialFinding("wait", need)
        )
    ended = over or rows >= policy.probation
    before = next(event.champion for event in reversed(events) if event.number < promoted.number)
    assert before is not None  # noqa: S101  a promotion by a watch takes another's place
    found = _against(now.load(before), new, window, workspace.settings, ended=ended)
    if found.verdict == "wait" and ended:
        return TrialFinding("good", found.reason, found.numbers)
    return found


def _against(old: Bundle, new: Bundle, window: Window, settings: Settings, *, ended: bool) -> TrialFinding:
    """Compare the given answers with the old version's answers to the same inputs, if the log kept them.

    A repeated input with the same answer counts once.
    """
    replayed = [(p, new.kind.replay(p.inputs)) for p in window.predictions]
    kept = [(p, raw) for p, raw in replayed if raw is not None]
    if len(kept) < LEAST:
        return TrialFinding("wait", "the log keeps no inputs that the champion before could answer")
    labelled = [(p, window.labels[p.id]) for p, _ in kept]
    known = learned_live(new, new.kind, labelled) | learned_live(old, new.kind, labelled)
    kept = [one for one, learned in zip(kept, known.tolist(), strict=True) if not learned]
    if len(kept) < LEAST:
        need = f"{len(kept)} of {LEAST} labelled answers to rows that neither version learned from"
        return TrialFinding("wait", need)
    answered = [p for p, _ in kept]
    truth = new.output.encode([window.labels[p.id] for p in answered])
    try:
        theirs = _answers(old, [raw for _, raw in kept])
    except DataError as error:
        return TrialFinding("wait", f"the champion before cannot read these inputs: {error}")
    case = Case(
        metric=metrics_in(new, settings)[0],
        theirs=metrics_in(new, settings, output=old.output)[0],
        truth=truth,
        candidate=new.output.gather([p.output for p in answered]),
        champion=theirs,
        seed=len(answered),
        clusters=record_keys({"inputs": [raw for _, raw in kept], "truth": truth}, ["inputs", "truth"]),
    )
    decision = judge(case, Rules(confidence=0.95 if ended else EARLY))
    verdict = {"worse": "bad", "better": "good" if ended else "wait"}.get(decision.verdict, "wait")
    return TrialFinding(verdict, decision.reason, decision.evidence)  # type: ignore[arg-type]


def _milliseconds(*bundles: Bundle) -> list[float]:
    """The median time of one row for each, in turns, so that a busy machine slows all of them."""
    sessions = [Session.of(bundle, threads=1) for bundle in bundles]
    rows = [session.inputs.parse(bundle.examples.rows)[:1] for session, bundle in zip(sessions, bundles, strict=True)]
    times: list[list[float]] = [[] for _ in bundles]
    for _ in range(TURNS):
        for place, (session, row) in enumerate(zip(sessions, rows, strict=True)):
            begun = time.perf_counter()
            session.predict(row)
            times[place].append(time.perf_counter() - begun)
    return [1000.0 * median(found) for found in times]


def _answers(bundle: Bundle, raws: list[Mapping[str, object]]) -> NDArray[np.float64]:
    session = Session.of(bundle)
    columns = {name: [raw[name] for raw in raws] for name in session.inputs.fields}
    return session.predict(session.inputs.encode(columns))
