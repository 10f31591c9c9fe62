"""What the overview says of one project, read from what lies ready: no model, and no row of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError
from omloop.loop.records.drift_state import NO_WATCH, drift_of
from omloop.loop.records.last_look import newest_look
from omloop.loop.serving.server_notes import server_of
from omloop.loop.steer.errors import refusal_of
from omloop.loop.steer.facts import VersionFacts, version_facts
from omloop.loop.steer.ringing import ringing_rules
from omloop.loop.steer.traffic import NONE, traffic_of
from omloop.report import score_json

if TYPE_CHECKING:
    from omloop.core import Event
    from omloop.loop.steer.request import SteerRequest


def project_row(request: SteerRequest, name: str) -> dict[str, object]:
    """The row of a project; `problem` names its unreadable parts, and the rest is there."""
    row: dict[str, object] = {"name": name, **_EMPTY}
    try:
        return _filled(request, name, row)
    except OmloopError as error:
        return {**row, "problem": refusal_of(error, request.workspace.settings).message}


_EMPTY: Mapping[str, object] = {
    "kind": None,
    "champion": None,
    "since": None,
    "model": None,
    "metric": None,
    "traffic": NONE,
    "drift": NO_WATCH,
    "ringing": [],
    "trial": None,
    "last": None,
    "server": None,
    "problem": "",
}


def _filled(request: SteerRequest, name: str, row: dict[str, object]) -> dict[str, object]:
    """The row, filled bit by bit, so that it keeps the first bits if a later one is unreadable."""
    row["server"] = server_of(name, request.workspace)
    events = request.workspace.registry(name).history()
    if not events:
        return row
    last = events[-1]
    row |= {"champion": last.champion, "since": since_of(events), "last": _last(last), "trial": _trial(last)}
    facts = version_facts(request, name, last.champion or _newest(events))
    row |= {"kind": facts.manifest.inputs.get("kind"), "model": facts.manifest.lineage.model if last.champion else None}
    if last.champion is None:
        return row
    look = newest_look(name, request.workspace)
    row |= {"metric": _metric(facts, look), "drift": drift_of(look, last.champion)}
    row["ringing"] = ringing_rules(request, name)
    row["traffic"] = traffic_of(request, name)
    return row


def since_of(events: Sequence[Event]) -> float | None:
    """When the present champion took charge, or None."""
    champion, since = events[-1].champion, None
    for event in reversed(events):
        if event.champion != champion:
            break
        since = event.time
    return since if champion else None


def _newest(events: Sequence[Event]) -> str:
    return next(event.version for event in reversed(events) if event.kind == "add")


def _last(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in ("number", "kind", "version", "by", "reason", "time")}


def _trial(event: Event) -> dict[str, object] | None:
    trial = event.trial
    return None if trial is None else {"version": trial.version, "mode": trial.mode, "share": trial.share}


def _metric(facts: VersionFacts, look: Mapping[str, Any] | None) -> dict[str, object] | None:
    """The main metric as tested, and as labels show it where the newest look is of this version."""
    name = facts.main
    if name not in facts.tested:
        return None
    of_this = look if look and look.get("version") == facts.version else {}
    live = of_this.get("live") or {}
    return {
        "name": name,
        "tested": score_json(facts.tested[name]),
        "live": live.get(name) if isinstance(live, Mapping) else None,
        "lower_is_better": facts.lower_is_better[name],
    }
