"""Looks and trials in a few values of JSON: for commands, for servers and for the workspace's own routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import utc_text

if TYPE_CHECKING:
    from omloop.core import Estimate, Event, Trial
    from omloop.loop.watch.look import Observation
    from omloop.loop.watch.trial import TrialProgress


def look_json(seen: Observation, action: str, events: Sequence[Event]) -> dict[str, object]:
    """Findings and actions; an unknown number is NaN."""
    written = [{"number": e.number, "kind": e.kind, "version": e.version, "reason": e.reason} for e in events]
    return {**seen_json(seen), "action": action, "events": written}


def seen_json(seen: Observation) -> dict[str, object]:
    """The findings."""
    columns = () if seen.alarm is None else seen.alarm.columns
    return {
        "project": seen.project,
        "version": seen.version,
        "rows": seen.rows,
        "labelled": seen.labelled,
        "buckets": seen.buckets,
        "state": "collecting" if seen.collecting else "calibrating" if seen.calibrating else "listening",
        "drift": None if seen.collecting else bool(seen.moved),
        "columns": [
            {"column": m.column, "p_value": m.p_value, "distance": m.distance, "effects": dict(m.effects)}
            for m in columns
        ],
        "warning": None if seen.warning is None else [movement.column for movement in seen.warning.columns],
        "live": _numbers(seen.live),
        "tested": _numbers(seen.tested),
        "estimated_error": None if seen.estimate is None else _numbers({"error": seen.estimate})["error"],
        "estimated_loss": seen.estimated_loss,
        "hurt": seen.hurt,
        "verdict": seen.verdict,
        "broken": list(seen.broken),
    }


def trial_json(trial: Trial) -> dict[str, object]:
    """The version on trial, and how."""
    return {"version": trial.version, "mode": trial.mode, "share": trial.share, "since": utc_text(trial.since)}


def progress_json(found: TrialProgress) -> dict[str, object]:
    """What a trial showed so far."""
    decision = found.decision and {"verdict": found.decision.verdict, "reason": found.decision.reason}
    return {
        **trial_json(found.trial),
        "project": found.project,
        "champion": found.champion,
        "answered": found.answered,
        "failed": found.failed,
        "agreement": found.agreement,
        "difference": found.difference,
        "times_slower": found.times_slower,
        "labelled": found.labelled,
        "metrics": _numbers(found.candidate),
        "champion_metrics": _numbers(found.theirs),
        "decision": decision,
        "chance": found.chance,
        "worse": found.worse,
    }


def _numbers(metrics: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    return {name: {"value": found.value, "low": found.low, "high": found.high} for name, found in metrics.items()}
