"""The rules of a project that ring: how severe, since when, and whether somebody silenced them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.alert import Alerts, in_force, in_words, read_state, ringing
from omloop.core import MissingExtraError
from omloop.loop.watch.alerting import alerts_home, alerts_of

if TYPE_CHECKING:
    from omloop.alert import State
    from omloop.loop.steer.request import SteerRequest


def ringing_rules(request: SteerRequest, name: str) -> list[dict[str, object]]:
    """Each rule that rings, silenced or not."""
    now = request.workspace.clock()
    with alerts_home(name, request.workspace) as home:
        state = read_state(home, name)
    names = ringing(state)
    if not names:
        return []
    alerts = _alerts(request, name)
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


def _alerts(request: SteerRequest, name: str) -> Alerts:
    """The project's rules; the defaults if the library that reads its file is not installed."""
    try:
        return alerts_of(name, request.workspace)
    except MissingExtraError:
        return Alerts()


def _severity(alerts: Alerts, state: State, rule: str) -> str:
    told = state.standings[rule].told
    known = {one.name: one.severity for one in alerts.rules}
    return told.severity if told else known.get(rule, "warning")


def _text(state: State, rule: str) -> str:
    standing = state.standings[rule]
    return in_words(standing.told) if standing.told else standing.detail or rule
