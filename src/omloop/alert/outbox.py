"""Pending deliveries: retried with growing pauses, for a bounded time, each sink apart from the others."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from omloop.alert.alert import Alert
from omloop.alert.sinks import Sink
from omloop.alert.state import Delivery, State
from omloop.core import OmloopError

FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3_600.0
GIVEN_UP_S = 86_400.0
"""The age at which it gives up a delivery after another failure."""
LOST = 20
"""How many lost deliveries to remember."""
PATIENCE_S = 15.0
"""How long one delivery may take, whatever it hangs on."""
BUDGET_S = 30.0
"""Time after which a look begins no more deliveries; the rest waits for the next."""
LOG = logging.getLogger("omloop.alert")


def owe(state: State, alerts: Iterable[Alert], sinks: Iterable[str], now: float) -> State:
    """The state with each of `alerts` owed to each of `sinks`; it forgets deliveries to other sinks."""
    names = list(sinks)
    kept = tuple(owed for owed in state.owed if owed.sink in names)
    return replace(state, owed=(*kept, *(Delivery(name, alert, now) for alert in alerts for name in names)))


def deliver(state: State, sinks: Mapping[str, Sink], now: float, *, save: Callable[[State], None]) -> State:
    """Deliver due alerts, in order for each sink, and `save` the state after each; never raises for a failing sink.

    A failing sink waits for its next turn. If a process is killed between a delivery and `save`, the next one delivers
    the same alert once more, with the same id.
    """
    began = time.monotonic()
    for name, sink in sinks.items():
        for owed in [owed for owed in state.owed if owed.sink == name]:
            if owed.due > now or time.monotonic() - began > BUDGET_S:
                break
            problem = attempt(sink, owed.alert)
            state = after_attempt(state, owed, problem, now)
            save(state)
            if problem:
                LOG.warning("the alert %s was not delivered to %s: %s", owed.alert.id, name, problem)
                break
    return state


def after_attempt(state: State, owed: Delivery, problem: str, now: float) -> State:
    """The state after a try: delivered, to retry, or given up. Pure."""
    if not problem:
        return replace(state, owed=tuple(one for one in state.owed if one != owed))
    wait = min(FIRST_WAIT_S * 2 ** min(owed.tries, 10), LONGEST_WAIT_S)
    later = replace(owed, tries=owed.tries + 1, due=now + wait, problem=problem)
    if now - owed.since < GIVEN_UP_S:
        return replace(state, owed=tuple(later if one == owed else one for one in state.owed))
    rest = tuple(one for one in state.owed if one != owed)
    return replace(state, owed=rest, lost=(*state.lost, later)[-LOST:])


def attempt(sink: Sink, alert: Alert) -> str:
    """Try one delivery; gives the error, an empty text for none.

    It runs in a thread, and leaves the thread behind after `PATIENCE_S`. No time-out of the standard library bounds the
    look-up of a name, or a peer that sends a byte now and then. It quotes only our own errors: the words of others may
    hold an address or a password.
    """
    outcome: list[str] = []

    def send() -> None:
        try:
            sink.send(alert)
            outcome.append("")
        except OmloopError as error:
            outcome.append(str(error))
        except BaseException as error:
            outcome.append(f"it failed with {type(error).__name__}")

    thread = threading.Thread(target=send, name="alert", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return outcome[0] if outcome else f"it had not ended after {PATIENCE_S:g} s"
