"""How a project's alerts stand, in a few values of JSON."""

from collections.abc import Sequence

from omloop.alert.alert import Alert, in_words
from omloop.alert.config import Alerts
from omloop.alert.rules import Silence
from omloop.alert.state import Delivery, State


def standing_json(alerts: Alerts, state: State, now: float) -> dict[str, object]:
    """The alerts that ring, are silenced, were sent and are still owed; moments in seconds since 1970."""
    return {
        "project": state.project,
        "looked": state.looked or None,
        "rules": [rule.name for rule in alerts.rules],
        "ringing": {name: state.standings[name].rings_since for name in ringing(state)},
        "silenced": [
            {"until": one.end, "because": one.because, "rules": one.rules, "by": one.by}
            for one in in_force(alerts, state, now)
        ],
        "owed": [_owed_json(owed) for owed in state.owed],
        "given_up": [_owed_json(owed) for owed in state.lost],
        "history": [_alert_json(alert) for alert in state.history],
    }


def ringing(state: State) -> Sequence[str]:
    """The rules that ring, told or not."""
    return [name for name, standing in state.standings.items() if standing.rings_since is not None]


def in_force(alerts: Alerts, state: State, now: float) -> Sequence[Silence]:
    """The silences of this moment."""
    known = [*alerts.maintenance, *([state.silence] if state.silence else [])]
    return [one for one in known if one.start <= now < one.end]


def _owed_json(owed: Delivery) -> dict[str, object]:
    named = {"sink": owed.sink, "alert": _alert_json(owed.alert)}
    return {**named, "tries": owed.tries, "due": owed.due, "problem": owed.problem}


def _alert_json(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "rule": alert.rule,
        "state": alert.state,
        "severity": alert.severity,
        "since": alert.since,
        "time": alert.time,
        "value": alert.value,
        "text": in_words(alert),
    }
