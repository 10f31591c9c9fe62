"""Deliveries: retried with patience, in order, each sink apart; and nothing that a sink does stops a look."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.alert import Alert, Delivery, State, outbox
from omloop.alert.outbox import FIRST_WAIT_S, GIVEN_UP_S, LONGEST_WAIT_S, LOST, after_attempt, attempt, deliver, owe
from omloop.alert.webhook import WebhookSink
from omloop.core import OmloopError


class Fake:
    """A sink that fails so many times."""

    def __init__(self, failures: int = 0, error: BaseException | None = None) -> None:
        self.failures = failures
        self.error = error or OmloopError("not now.")
        self.sent: list[str] = []

    def send(self, alert: Alert) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error
        self.sent.append(f"{alert.id[:2]} {alert.state}")


def ignore(state: State) -> None:
    pass


def test_each_alert_is_owed_to_each_sink_and_a_sink_that_is_gone_to_nobody(raised: Alert, resolved: Alert) -> None:
    state = owe(State("rides"), [raised], ["log", "chat"], 0.0)
    state = owe(state, [resolved], ["chat"], 1.0)
    assert [(owed.sink, owed.alert.state) for owed in state.owed] == [("chat", "raised"), ("chat", "resolved")]


def test_what_was_delivered_is_owed_no_more_and_saved_each_time(raised: Alert, resolved: Alert) -> None:
    saved: list[State] = []
    state = owe(State("rides"), [raised, resolved], ["log"], 0.0)
    state = deliver(state, {"log": (sink := Fake())}, 0.0, save=saved.append)
    assert sink.sent == ["01 raised", "01 resolved"] and state.owed == ()
    assert [len(one.owed) for one in saved] == [1, 0]


def test_a_sink_that_fails_keeps_its_order_and_holds_up_nobody_else(raised: Alert, resolved: Alert) -> None:
    state = owe(State("rides"), [raised, resolved], ["chat", "log"], 0.0)
    sinks = {"chat": (chat := Fake(failures=2)), "log": (log := Fake())}
    state = deliver(state, sinks, 0.0, save=ignore)
    assert log.sent == ["01 raised", "01 resolved"] and chat.sent == []
    assert chat.failures == 1, "the second was not tried before the first"
    state = deliver(state, sinks, FIRST_WAIT_S - 1, save=ignore)
    assert chat.failures == 1, "not before its time"
    state = deliver(state, sinks, FIRST_WAIT_S, save=ignore)
    state = deliver(state, sinks, 100 * FIRST_WAIT_S, save=ignore)
    assert chat.sent == ["01 raised", "01 resolved"] and state.owed == ()


def test_waits_double_up_to_a_bound_and_the_time_is_bounded_too(raised: Alert) -> None:
    state, now, waits = owe(State("rides"), [raised], ["chat"], 0.0), 0.0, []
    while state.owed:
        (owed,) = state.owed
        state = after_attempt(state, owed, "no", now)
        if state.owed:
            waits.append(state.owed[0].due - now)
            now = state.owed[0].due
    assert waits[:3] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S] and max(waits) == LONGEST_WAIT_S
    assert GIVEN_UP_S <= now <= GIVEN_UP_S + LONGEST_WAIT_S and len(waits) < 40
    assert [owed.problem for owed in state.lost] == ["no"]


@given(tries=st.integers(0, 2000))
def test_no_number_of_tries_is_too_many_to_wait(tries: int) -> None:
    alert = Alert("1", "rides", "slow", "ms", "on", "info", "raised", 0.0, 0.0)
    owed = Delivery("chat", alert, 0.0, tries)
    assert after_attempt(State("rides", owed=(owed,)), owed, "no", 0.0).owed[0].due <= LONGEST_WAIT_S


def test_what_is_given_up_is_remembered_up_to_a_bound(raised: Alert) -> None:
    state = State("rides")
    for number in range(LOST + 5):
        owed = Delivery("chat", replace(raised, id=str(number)), 0.0)
        state = after_attempt(replace(state, owed=(owed,)), owed, "no", GIVEN_UP_S)
    assert len(state.lost) == LOST and state.lost[-1].alert.id == str(LOST + 4)


@pytest.mark.parametrize("error", [RuntimeError("s3cret"), ValueError("s3cret"), SystemExit(1), OSError("s3cret")])
def test_whatever_a_sink_raises_is_a_problem_of_the_sink_and_is_not_quoted(error: BaseException, raised: Alert) -> None:
    problem = attempt(Fake(1, error), raised)
    assert problem and "s3cret" not in problem


def test_a_sink_that_never_ends_is_left_behind(raised: Alert, dripping: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that sends a byte now and then defeats every time-out of a socket."""
    monkeypatch.setattr(outbox, "PATIENCE_S", 0.5)
    began = time.monotonic()
    state = owe(State("rides"), [raised], ["drip", "log"], 0.0)
    sinks = {"drip": WebhookSink(f"http://127.0.0.1:{dripping}/", private=True), "log": (log := Fake())}
    state = deliver(state, sinks, 0.0, save=ignore)
    assert time.monotonic() - began < 30
    assert log.sent == ["01 raised"] and "had not ended after" in state.owed[0].problem


def test_a_look_begins_no_delivery_after_its_time(raised: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BUDGET_S", -1.0)
    state = owe(State("rides"), [raised], ["log"], 0.0)
    assert deliver(state, {"log": Fake()}, 0.0, save=ignore) == state
