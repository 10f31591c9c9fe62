"""What the overview says of one project, read from what lies ready: no model, and no row of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from omloop.alert import Alerts, in_force, in_words, read_state, ringing
from omloop.core import MissingExtraError, OmloopError, some
from omloop.loop.records.last_look import newest_look
from omloop.loop.serving.server_notes import server_of
from omloop.loop.steer.errors import refusal_of
from omloop.loop.steer.facts import VersionFacts, version_facts
from omloop.loop.steer.traffic import NONE, traffic_of
from omloop.loop.watch.alerting import alerts_home, alerts_of
from omloop.report import score_json

if TYPE_CHECKING:
    from omloop.alert import State
    from omloop.core import Event
    from omloop.loop.steer.request import Ask

NO_WATCH = {"state": "no watch", "text": "no watch has looked at it yet", "looked": None}


def project_row(ask: Ask, name: str) -> dict[str, object]:
    """The row of a project; what cannot be read of it is told as `problem`, and the rest is there."""
    row: dict[str, object] = {"name": name, **_EMPTY}
    try:
        return _filled(ask, name, row)
    except OmloopError as error:
        return {**row, "problem": refusal_of(error, ask.workspace.settings).message}


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


def _filled(ask: Ask, name: str, row: dict[str, object]) -> dict[str, object]:
    """The row, which gets what is known bit by bit, so that it holds that when a later bit cannot be read."""
    row["server"] = server_of(name, ask.workspace)
    events = ask.workspace.registry(name).history()
    if not events:
        return row
    last = events[-1]
    row |= {"champion": last.champion, "since": since_of(events), "last": _last(last), "trial": _trial(last)}
    facts = version_facts(ask, name, last.champion or _newest(events))
    row |= {"kind": facts.manifest.inputs.get("kind"), "model": facts.manifest.lineage.model if last.champion else None}
    if last.champion is None:
        return row
    look = newest_look(name, ask.workspace)
    row |= {"metric": _metric(facts, look), "drift": drift_of(look, last.champion)}
    row["ringing"] = _ringing(ask, name)
    row["traffic"] = traffic_of(ask, name)
    return row


def since_of(events: Sequence[Event]) -> float | None:
    """When the present champion was put in charge; None where there is none."""
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


def drift_of(look: Mapping[str, Any] | None, champion: str) -> dict[str, object]:
    """What the newest look of a watch said of the champion, in one word and in a line."""
    if look is None:
        return dict(NO_WATCH)
    looked = _moment(look.get("time"))
    if look.get("version") != champion:
        told = f"the watch has not looked at {champion} yet"
        return {"state": "collecting", "text": told, "looked": looked}
    return {**_state(look), "looked": looked}


def _state(look: Mapping[str, Any]) -> dict[str, object]:
    """The worst first: broken data explains a drift, and a loss is what a drift is feared for."""
    moved = [str(column.get("column")) for column in look.get("columns") or ()]
    words = f"{some(moved, most=3)} moved" if moved else ""
    if broken := look.get("broken"):
        return {"state": "broken", "text": f"the data is broken: {some([*map(str, broken)], most=2)}"}
    if look.get("hurt") is True:
        return {"state": "loss", "text": "; ".join(filter(None, ["labels show that the error rose", words]))}
    if look.get("drift") is True:
        return {"state": "drift", "text": f"{words}; {look.get('verdict') or 'no loss is shown'}"}
    if look.get("state") == "collecting":
        return {"state": "collecting", "text": f"{look.get('rows', 0):,} predictions, too few to tell"}
    if look.get("state") == "calibrating":
        warned = [str(name) for name in look.get("warning") or ()]
        told = (
            f"{some(warned, most=3)} moved, or this traffic varies by itself" if warned else "learns how traffic varies"
        )
        return {"state": "calibrating", "text": told}
    return {"state": "quiet", "text": f"no column moved in {look.get('buckets', 0):,} buckets"}


def _moment(text: object) -> float | None:
    """The seconds since 1970 of a moment in UTC as people write it."""
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _ringing(ask: Ask, name: str) -> list[dict[str, object]]:
    now = ask.workspace.clock()
    with alerts_home(name, ask.workspace) as home:
        state = read_state(home, name)
    names = ringing(state)
    if not names:
        return []
    alerts = _alerts(ask, name)
    silences = in_force(alerts, state, now)
    return [
        {
            "rule": rule,
            "severity": _severity(alerts, state, rule),
            "since": state.standings[rule].rings_since,
            "text": _text(state, rule),
            "silenced": any(one.covers(rule, now) for one in silences),
        }
        for rule in names
    ]


def _alerts(ask: Ask, name: str) -> Alerts:
    """The project's rules; the defaults where the library that reads its file is not installed."""
    try:
        return alerts_of(name, ask.workspace)
    except MissingExtraError:
        return Alerts()


def _severity(alerts: Alerts, state: State, rule: str) -> str:
    told = state.standings[rule].told
    known = {one.name: one.severity for one in alerts.rules}
    return told.severity if told else known.get(rule, "warning")


def _text(state: State, rule: str) -> str:
    standing = state.standings[rule]
    return in_words(standing.told) if standing.told else standing.detail or rule
