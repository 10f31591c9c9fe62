"""Watching a served version: what moved, whether it hurts, and what follows, one step of the circle after the other.

Every decision is an event of the project's history, and the next step is read from there: a watch that is killed goes
on where it was, and of two watches one acts.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import BundleError, ConflictError, Event, EventKind, Facts, OmloopError, PromotionError
from omloop.loop.turn.episodes import InputState, input_state
from omloop.loop.watch.look import Observation, look, looked_at, write_report
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.proving import TrialFinding, dearer, probation, prove_in_shadow
from omloop.loop.watch.retraining import claim, retrain
from omloop.loop.watch.stage import BY, Stage, claimed_by, stage_of

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.workspace import Workspace
    from omloop.register import Registry

LOG = logging.getLogger("omloop.watch")
Tell = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class WatchResult(Facts):
    """What a look showed, what was done about it, in words, and the events that were written into the history.

    `report` is the page about what was newly seen, None when nothing was.
    """

    seen: Observation
    action: str
    events: tuple[Event, ...]
    report: Path | None = None

    def facts(self) -> dict[str, Any]:
        """What came of it."""
        return {
            "version": self.seen.version,
            "rows": self.seen.rows,
            "labelled": self.seen.labelled,
            "verdict": self.seen.verdict,
            "action": self.action,
            "report": self.report,
        }

    @property
    def rings(self) -> bool:
        """Whether there is anything to tell: the input moved, the model got worse, or the champion changed."""
        return self.seen.rings or any(event.kind in ("promote", "rollback", "retrained") for event in self.events)


def watch_once(name: str, workspace: Workspace, policy: Policy = TELL, *, tell: Tell = LOG.info) -> WatchResult:
    """Look once at the live predictions of the champion, and go on from where the circle is by `policy`."""
    registry = workspace.registry(name)
    before = registry.history()
    version = registry.champion()
    if version is None:
        raise OmloopError(f"'{name}' has no champion to watch. Make one with: omloop turn {name}")
    seen = look(name, version, workspace, policy, tell=tell)
    report = write_report(seen, workspace) if _say_alarm(registry, seen, len(before)) else None
    looked_at(seen, workspace.watch(name), registry.load(version))
    try:
        action = _go_on(name, workspace, policy, seen, tell)
    except ConflictError as error:
        action = f"left to others: {error}"
    events = registry.history()[len(before) :]
    return WatchResult(seen, action, events, report)


def _go_on(name: str, workspace: Workspace, policy: Policy, seen: Observation, tell: Tell) -> str:
    """Take one step after the other until one has to wait."""
    registry = workspace.registry(name)
    stage = stage_of(registry.history())
    if stage.where == "listening":
        act, reason = action_for(seen, policy)
        if act != "retrain":
            return reason
        missing = _missing(registry.history(), seen, policy, workspace.clock())
        if missing:
            return f"waiting: {missing}"
        since = seen.began if seen.labelled_since >= policy.least_labels else 0.0
        about = {"labels": seen.labelled_ever, "live": seen.live_value, "since": since}
        claim(name, workspace, seen.version, policy, reason=reason, evidence=about)
        stage = stage_of(registry.history())
    if stage.where == "retraining" and stage.event is not None:
        tell(f"retrain: {stage.event.reason}")
        ended = retrain(name, workspace, stage.event, policy, tell)
        stage = stage_of(registry.history())
        if stage.where == "listening":
            return f"retrained: {ended.reason}"
    if stage.where == "proving":
        return _prove(name, workspace, policy, stage)
    return _probation(name, workspace, policy, stage)


def action_for(seen: Observation, policy: Policy) -> tuple[str, str]:
    """What the policy says to what was seen: `retrain`, `tell` or `nothing`, and why."""
    if seen.broken:
        return (
            "tell",
            f"told: the data is broken ({', '.join(seen.broken)}); nothing is learned from it. Mend its source",
        )
    if seen.hurt:
        return policy.loss, f"told: {seen.loss}" if policy.loss == "tell" else seen.loss
    if not seen.moved:
        return "nothing", f"{_nothing(seen)}{f'; {seen.verdict}' if seen.worse else ''}"
    if seen.estimated_loss >= policy.estimated_loss:
        reason = f"{seen.what_moved}, and it costs {seen.estimated_loss:.3g} by estimate"
        return policy.harmful_drift, reason if policy.harmful_drift == "retrain" else f"told: {reason}"
    reason = f"{seen.what_moved}; {seen.verdict if seen.worse else 'no loss is shown'}"
    return policy.drift, reason if policy.drift == "retrain" else f"told: {reason}"


def _nothing(seen: Observation) -> str:
    if seen.collecting:
        return "collecting: too few predictions for a verdict"
    if seen.warning is not None:
        return f"nothing to do; {seen.warned}"
    if seen.calibrating:
        return "nothing to do; calibrating: how much this traffic varies by itself is still being learned"
    return "nothing to do"


def _missing(events: Sequence[Event], seen: Observation, policy: Policy, now: float) -> str:
    """What a retraining still waits for, in words; nothing when it is due."""
    if seen.untested:
        return "a whole bucket of the inputs since the error rose, to know that they are not broken"
    claims = [event for event in events if event.kind == "retrain"]
    new = seen.labelled_ever - max((event.evidence["labels"] for event in claims), default=0)
    if new < policy.least_labels:
        return f"{policy.least_labels - new} more labels before the next turn"
    pause = 60.0 * policy.pause_minutes
    rest = max((event.time for event in claims), default=0.0) + pause - now
    waits = 0 < rest <= 2 * pause  # longer only by a clock that was far ahead
    return f"{rest / 60:.0f} minutes of the pause after the last retraining" if waits else ""


def _prove(name: str, workspace: Workspace, policy: Policy, stage: Stage) -> str:
    """A candidate that the gate found better: try it beside the champion, then promote it or let it go."""
    registry, event = workspace.registry(name), stage.event
    assert event is not None  # noqa: S101  a stage of proving has one
    if policy.promote == "ask":
        return f"{event.version} waits for you: omloop promote {name} {event.version}"
    cost = dearer(registry.load(event.version), registry.load(event.champion or ""), policy)
    found = prove_in_shadow(name, workspace, event, policy) if policy.shadow and cost.verdict == "good" else cost
    if found.verdict == "wait":
        return f"proving {event.version}: {found.reason}"
    by, about = claimed_by(stage.claim), {"claim": stage.claim, **cost.numbers, **found.numbers}
    refused = found.reason if found.verdict == "bad" else ""
    if not refused:
        try:
            reason = f"{event.reason}; {found.reason}"
            registry.promote(event.version, expected=event.champion, by=by, reason=reason, evidence=about)
        except (BundleError, ConflictError, PromotionError) as error:
            refused = str(error)
    if not refused:
        return f"promoted {event.version}: {event.reason}"
    registry.record("dropped", event.version, by=by, reason=refused, evidence=about)
    trial = registry.trial()
    if trial is not None and trial.version == event.version:
        with contextlib.suppress(ConflictError):  # somebody else ended it
            registry.end_trial(trial, reason=refused, by=by)
    return f"dropped {event.version}: {refused}"


def _probation(name: str, workspace: Workspace, policy: Policy, stage: Stage) -> str:
    """A promoted candidate: keep it, or go back to the champion before it."""
    registry, event = workspace.registry(name), stage.event
    assert event is not None  # noqa: S101  a stage of probation has one
    found = (
        probation(name, workspace, event, policy)
        if policy.probation
        else TrialFinding("good", "no probation asked for")
    )
    if found.verdict == "wait":
        return f"probation of {event.version}: {found.reason}"
    by = claimed_by(stage.claim)
    if found.verdict == "bad":
        registry.rollback(by=by, reason=found.reason)
        return f"rolled back from {event.version}: {found.reason}"
    about = {"claim": stage.claim, **found.numbers}
    registry.record("settled", event.version, by=by, reason=found.reason, evidence=about)
    return f"settled: {event.version}, {found.reason}"


def _say_alarm(registry: Registry, seen: Observation, known: int) -> bool:
    """Write a change of what the watch sees into the history, and say whether anything rings that did not.

    What another watch said since there were `known` events stands: the next look goes on from there.
    """

    def unless(events: tuple[Event, ...]) -> Event | None:
        told = (event for event in reversed(events) if event.kind in ("alarm", "quiet"))
        last = next((event for event in told if event.version == seen.version), None)
        if last is not None and last.number > known:
            return last
        signs = set(last.evidence["signs"]) if last and last.kind == "alarm" else set()
        same = signs == set(seen.signs) and _same(input_state(events, seen.version), seen.state)
        return (last or events[-1]) if same else None

    kind: EventKind = "alarm" if seen.signs else "quiet"
    reason = seen.told or "what was told before is over"
    about = {"signs": list(seen.signs), **seen.state.evidence}
    newest = registry.history()[-1].number
    event = registry.record(kind, seen.version, by=BY, reason=reason, evidence=about, unless=unless)
    return event.number > newest and event.kind == "alarm"


def _same(told: InputState, state: InputState) -> bool:
    """Whether the same episode lasts, or none, and no more of it is broken than was told."""
    if told.episode is None or state.episode is None:
        return told.episode is state.episode and told.begin == state.begin
    same = told.episode.alarm.bucket == state.episode.alarm.bucket
    return same and len(told.episode.broken) == len(state.episode.broken)
