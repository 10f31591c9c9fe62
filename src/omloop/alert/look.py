"""One look: judge, remember, deliver. And what a person does beside: a silence, a test."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from omloop.alert.alert import Alert
from omloop.alert.config import Alerts
from omloop.alert.evaluate import evaluate_rules
from omloop.alert.memory import exclusive, read_state, write_state
from omloop.alert.outbox import attempt, deliver, owe
from omloop.alert.rules import Signals, Silence
from omloop.alert.state import State
from omloop.core import OmloopError

LOG = logging.getLogger("omloop.alert")


def look(alerts: Alerts, project: str, home: Path, signals: Signals, now: float) -> tuple[Alert, ...]:
    """Judge the look at the moment `now` and deliver due alerts; gives the new alerts.

    It saves new alerts before it delivers anything, so a killed process forgets nothing. Raises StoreError if saving
    fails, and never for a failing sink.
    """
    with exclusive(home):
        state = read_state(home, project)
        state, events = evaluate_rules(alerts.rules, signals, state, now, maintenance=alerts.maintenance)
        state = owe(state, events, alerts.sinks, now)
        write_state(home, state)
        state = deliver(state, alerts.sinks, now, save=partial(write_state, home))
        for problem in filter(None, _shown(alerts, state).values()):
            LOG.warning("how the alerts stand cannot be shown to Prometheus: %s", problem)
    return events


def silence(project: str, home: Path, wanted: Silence) -> State:
    """Remember a silence, in the place of an earlier one; gives the new state. Raises StoreError."""
    with exclusive(home):
        state = replace(read_state(home, project), silence=wanted)
        write_state(home, state)
    return state


def send_test(alerts: Alerts, project: str, home: Path, now: float) -> Mapping[str, str]:
    """Send a test through each sink; gives what went wrong with each, an empty text where nothing did."""
    test = Alert(secrets.token_hex(8), project, "test", "test", "on", "warning", "test", now, now)
    sent = {name: attempt(sink, test) for name, sink in alerts.sinks.items()}
    return {**sent, **_shown(alerts, read_state(home, project))}


def _shown(alerts: Alerts, state: State) -> Mapping[str, str]:
    """What went wrong with each board, an empty text where nothing did."""
    found = {}
    for board in alerts.boards:
        name = f"prometheus ({board.folder})"
        try:
            board.show(state, alerts.rules, alerts.sinks)
            found[name] = ""
        except OmloopError as error:
            found[name] = str(error)
    return found
