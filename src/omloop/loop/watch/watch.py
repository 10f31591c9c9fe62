"""Watches a served version: what moved, whether it hurts, and what follows, one step of the circle after the other.

Every decision is an event of the project's history, and the watch reads the next step from there. If a watch is killed,
the next one continues where it stopped. Of two watches only one acts.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omloop.core import BundleError, ConflictError, Event, EventKind, Facts, PromotionError, StoreError, utc_text
from omloop.loop.records.episodes import InputState, input_state
from omloop.loop.records.last_look import keep_look
from omloop.loop.watch.look import Observation, look, looked_at, write_report
from omloop.loop.watch.policy import TELL, Policy
from omloop.loop.watch.proving import TrialFinding, dearer, probation, prove_in_shadow
from omloop.loop.watch.retraining import claim, retrain
from omloop.loop.watch.snapshot import Snapshot, snapshot
from omloop.loop.watch.stage import BY, Stage, claimed_by, stage_of
from omloop.loop.watch.summary import look_json, seen_json

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.workspace import Workspace
    from omloop.register import Registry

LOG = logging.getLogger("omloop.watch")
Tell = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class WatchResult(Facts):
    """The findings of a look, the actions in words, and the new events of the history.

    `report` is the page about new findings, or None. `history` holds all events up to then.
    """

    seen: Observation
    action: str
    events: tuple[Event, ...]
    report: Path | None = None
    history: tuple[Event, ...] = field(default=(), repr=False)

    def facts(self) -> dict[str, object]:
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
    """Look once at the live predictions of the champion, and take the next steps of the circle by `policy`."""
    registry, now = workspace.registry(name), snapshot(name, workspace)
    seen = look(now, workspace, policy, tell=tell)
    rang = _say_alarm(registry, now.events, seen)
    report = write_report(seen, seen.windows, now.bundle, workspace) if rang and seen.windows else None
    # After the alarm is in the history: killed in between, the next look finds it again and tells nothing twice.
    looked_at(seen, workspace.watch(name), now.bundle)
    if seen.rings:  # at once: a training may take hours
        _publish(name, workspace, seen_json(seen))
    try:
        action = _go_on(now, workspace, policy, seen, tell)
    except ConflictError as error:
        action = f"left to others: {error}"
    found = WatchResult(seen, action, registry.known[len(now.events) :], report, registry.known)
    _publish(name, workspace, look_json(seen, action, found.events))
    return found


def _publish(name: str, workspace: Workspace, told: Mapping[str, object]) -> None:
    """Let servers tell it; a look has done its work where that cannot be."""
    try:
        keep_look(name, workspace, {"time": utc_text(workspace.clock()), **told})
    except StoreError as error:
        LOG.warning("servers are not told what was seen: %s", error)


def _go_on(now: Snapshot, workspace: Workspace, policy: Policy, seen: Observation, tell: Tell) -> str:
    """Take one step after the other until one has to wait.

    The first step uses the look's own state of the history. The registry refuses its event if that state no longer
    holds.
    """
    name, registry = now.project, workspace.registry(now.project)
    stage = stage_of(now.events)
    if stage.where == "listening":
        act, reason = action_for(seen, policy)
        if act != "retrain":
            return reason
        missing = _missing(now.events, seen, policy, workspace.clock())
        if missing:
            return f"waiting: {missing}"
        since = seen.began if seen.labelled_since >= policy.least_labels else 0.0
        about = {"labels": seen.labelled_ever, "live": seen.live_value, "since": since}
        claim(name, workspace, seen.version, policy, reason=reason, evidence=about)
        stage = stage_of(registry.known)
    if stage.where == "retraining" and stage.event is not None:
        tell(f"retrain: {stage.event.reason}")
        ended = retrain(name, workspace, stage.event, policy, tell)
        stage = stage_of(registry.known)
        if stage.where == "listening":
            return f"retrained: {ended.reason}"
    if stage.where == "proving":
        return _prove(now, workspace, policy, stage)
    return _probation(now, workspace, policy, stage)


def action_for(seen: Observation, policy: Policy) -> tuple[str, str]:
    """The policy's answer to the findings: `retrain`, `tell` or `nothing`, and why."""
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


def _prove(now: Snapshot, workspace: Workspace, policy: Policy, stage: Stage) -> str:
    """A candidate that the gate found better: try it beside the champion, then promote it or let it go.

    Raises ConflictError when somebody else decided on it meanwhile.
    """
    name, registry, event = now.project, workspace.registry(now.project), stage.event
    assert event is not None  # noqa: S101  a stage of proving has one
    if policy.promote == "ask":
        return f"{event.version} waits for you: omloop promote {name} {event.version}"
    cost = dearer(now.load(event.version), now.load(event.champion or ""), policy)
    found = prove_in_shadow(now, workspace, event, policy) if policy.shadow and cost.verdict == "good" else cost
    if found.verdict == "wait":
        return f"proving {event.version}: {found.reason}"
    by, about = claimed_by(stage.claim), {"claim": stage.claim, **cost.numbers, **found.numbers}
    refused = found.reason if found.verdict == "bad" else ""
    if not refused:
        try:
            reason = f"{event.reason}; {found.reason}"
            registry.promote(event.version, expected=event.champion, by=by, reason=reason, evidence=about)
        except (BundleError, PromotionError) as error:
            refused = str(error)
    if not refused:
        return f"promoted {event.version}: {event.reason}"
    registry.record("dropped", event.version, by=by, reason=refused, evidence=about, unless=_still(stage))
    trial = registry.known[-1].trial
    if trial is not None and trial.version == event.version:
        with contextlib.suppress(ConflictError):  # somebody else ended it
            registry.end_trial(trial, reason=refused, by=by)
    return f"dropped {event.version}: {refused}"


def _still(stage: Stage) -> Callable[[tuple[Event, ...]], None]:
    """Raises ConflictError, for `record`, where the circle has left a stage."""

    def check(events: tuple[Event, ...]) -> None:
        if stage_of(events) != stage:
            raise ConflictError(f"Somebody went on from there: the last event is '{events[-1].kind}'.")

    return check


def _probation(now: Snapshot, workspace: Workspace, policy: Policy, stage: Stage) -> str:
    """A promoted candidate: keep it, or go back to the champion before it. Raises ConflictError as `_prove` does."""
    registry, event = workspace.registry(now.project), stage.event
    assert event is not None  # noqa: S101  a stage of probation has one
    found = (
        probation(now, workspace, event, policy) if policy.probation else TrialFinding("good", "no probation asked for")
    )
    if found.verdict == "wait":
        return f"probation of {event.version}: {found.reason}"
    by = claimed_by(stage.claim)
    if found.verdict == "bad":
        registry.rollback(by=by, reason=found.reason, expected=event.version)
        return f"rolled back from {event.version}: {found.reason}"
    about = {"claim": stage.claim, **found.numbers}
    registry.record("settled", event.version, by=by, reason=found.reason, evidence=about, unless=_still(stage))
    return f"settled: {event.version}, {found.reason}"


def _say_alarm(registry: Registry, before: tuple[Event, ...], seen: Observation) -> bool:
    """Write a change of the findings into the history, and say whether anything rings anew.

    If another watch wrote behind the events `before`, its word stands: the next look continues from there.
    """
    if _is_told(before, seen):
        return False

    def unless(events: tuple[Event, ...]) -> None:
        told = _last_told(events, seen.version)
        if told is not None and told.number > len(before):
            raise ConflictError("Another watch told what it saw.")

    kind: EventKind = "alarm" if seen.signs else "quiet"
    reason = seen.told or "what was told before is over"
    about = {"signs": list(seen.signs), **seen.state.evidence}
    with contextlib.suppress(ConflictError):
        registry.record(kind, seen.version, by=BY, reason=reason, evidence=about, unless=unless)
        return kind == "alarm"
    return False


def _is_told(events: tuple[Event, ...], seen: Observation) -> bool:
    """Whether the history already has these findings."""
    last = _last_told(events, seen.version)
    signs = set(last.evidence["signs"]) if last and last.kind == "alarm" else set()
    return signs == set(seen.signs) and _same(input_state(events, seen.version), seen.state)


def _last_told(events: tuple[Event, ...], version: str) -> Event | None:
    told = (event for event in reversed(events) if event.kind in ("alarm", "quiet"))
    return next((event for event in told if event.version == version), None)


def _same(told: InputState, state: InputState) -> bool:
    """Whether the same episode lasts, or none, with no more broken data than reported."""
    if told.episode is None or state.episode is None:
        return told.episode is state.episode and told.begin == state.begin
    same = told.episode.alarm.bucket == state.episode.alarm.bucket
    return same and len(told.episode.broken) == len(state.episode.broken)
