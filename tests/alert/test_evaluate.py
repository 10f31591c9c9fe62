"""Rules over time: raised on a change, resolved, told once, silent when asked to be."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omloop.alert import Alert, Rule, Signal, Signals, Silence, State, evaluate_rules
from omloop.alert.evaluate import HISTORY, PIECES

DRIFT = Rule("drift", "drift")
SLOW = Rule("slow", "ms", above=50.0, resolve=40.0)


def seen(value: float | None, metric: str = "ms") -> Signals:
    return {} if value is None else {metric: Signal(value, "a word")}


def through(rules: Sequence[Rule], looks: Sequence[tuple[float, Signals]], **more: Any) -> tuple[State, list[Alert]]:
    """The state and all that was told after looks at some moments."""
    state, told = State("rides"), []
    for now, signals in looks:
        state, events = evaluate_rules(rules, signals, state, now, **more)
        told += events
    return state, told


def told(rule: Rule, *values: float | None, every: float = 60.0, **more: Any) -> list[tuple[float, str]]:
    looks = [(every * number, seen(value, rule.metric)) for number, value in enumerate(values)]
    return [(event.time / every, event.state) for event in through([rule], looks, **more)[1]]


def test_an_alert_is_raised_once_and_resolved_once() -> None:
    assert told(SLOW, 10, 60, 70, 60, 30, 30) == [(1, "raised"), (4, "resolved")]


def test_what_is_told_says_what_was_seen() -> None:
    _, events = through([SLOW], [(0.0, seen(60.0)), (60.0, seen(30.0))])
    one, other = events
    assert (one.value, one.condition, one.detail, one.since) == (60.0, "above 50", "a word", 0.0)
    assert (other.id, other.since, other.value) == (one.id, 0.0, 30.0)


def test_each_time_that_it_is_raised_it_has_another_id() -> None:
    _, events = through([DRIFT], [(float(t), seen(float(t % 2 == 0), "drift")) for t in range(6)])
    assert len({event.id for event in events}) == 3 and len(events) == 6


def test_a_number_that_hovers_rings_once() -> None:
    assert told(SLOW, 51, 49, 51, 45, 52, 41) == [(0, "raised")]


def test_below_a_threshold_is_raised_too() -> None:
    assert told(Rule("bad", "ms", below=0.8), 0.9, 0.79, 0.8) == [(1, "raised"), (2, "resolved")]


def test_an_alert_waits_until_it_was_so_for_long_enough() -> None:
    rule = Rule("slow", "ms", above=50.0, for_s=120.0)
    assert told(rule, 60, 60, 60, 60) == [(2, "raised")]
    assert told(rule, 60, 60, 10, 60, 60, 60) == [(5, "raised")]


def test_a_look_that_knows_nothing_ends_what_was_on_its_way_and_leaves_what_rings() -> None:
    assert told(Rule("slow", "ms", above=50.0, for_s=120.0), 60, 60, None, 60, 60) == []
    assert told(SLOW, 60, None, None, 60, 30) == [(0, "raised"), (4, "resolved")]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_known(value: float) -> None:
    assert told(SLOW, value, value) == []


def test_a_window_judges_the_mean_of_its_looks() -> None:
    rule = Rule("slow", "ms", above=50.0, window_s=180.0)
    assert told(rule, 0, 0, 120, 0, 0) == []
    assert told(rule, 0, 0, 120, 120, 0, 0, 0) == [(3, "raised"), (5, "resolved")]


def test_a_window_of_very_many_looks_stays_small() -> None:
    rule = Rule("slow", "ms", above=1e9, window_s=1000.0)
    state, _ = through([rule], [(float(second), seen(float(second))) for second in range(3000)])
    assert len(state.standings["slow"].seen) <= PIECES
    assert state.standings["slow"].value == pytest.approx(2500.0, abs=10.0)


def test_in_a_silence_nobody_is_told_and_what_came_and_went_never_is() -> None:
    silence = [Silence(60.0, 300.0, "new sensors")]
    assert told(SLOW, 10, 60, 60, 10, 10, 10, maintenance=silence) == []


def test_what_still_rings_when_a_silence_ends_is_told_then_with_its_real_beginning() -> None:
    silence = [Silence(60.0, 300.0, "new sensors")]
    assert told(SLOW, 10, 10, 60, 60, 60, 60, 60, maintenance=silence) == [(5, "raised")]
    _, events = through([SLOW], [(60.0 * n, seen(60.0)) for n in range(1, 8)], maintenance=silence)
    assert (events[0].since, events[0].time) == (60.0, 300.0)


def test_what_was_told_before_a_silence_is_resolved_after_it() -> None:
    silence = [Silence(60.0, 300.0, "new sensors")]
    assert told(SLOW, 60, 60, 10, 10, 10, 10, maintenance=silence) == [(0, "raised"), (5, "resolved")]


def test_a_silence_of_one_rule_leaves_the_others_to_ring() -> None:
    silence = [Silence(0.0, 1e9, "known", ("slow",))]
    _, events = through([SLOW, DRIFT], [(0.0, {**seen(60.0), **seen(1.0, "drift")})], maintenance=silence)
    assert [event.rule for event in events] == ["drift"]


def test_the_silence_of_the_state_counts_too_and_is_forgotten_when_it_is_over() -> None:
    state = replace(State("rides"), silence=Silence(0.0, 100.0, "x"))
    state, events = evaluate_rules([SLOW], seen(60.0), state, 50.0)
    assert not events and state.silence is not None
    state, events = evaluate_rules([SLOW], seen(60.0), state, 100.0)
    assert [event.state for event in events] == ["raised"] and state.silence is None


def test_an_alert_whose_rule_was_taken_away_is_resolved_and_forgotten() -> None:
    state, _ = through([SLOW], [(0.0, seen(60.0))])
    state, events = evaluate_rules([], {}, state, 60.0)
    assert [(event.state, event.detail) for event in events] == [("resolved", "its rule was taken away")]
    assert state.standings == {}


def test_a_clock_that_goes_back_tells_nothing_twice() -> None:
    _, events = through([SLOW], [(100.0, seen(60.0)), (40.0, seen(60.0)), (160.0, seen(60.0))])
    assert len(events) == 1


def test_history_is_bounded() -> None:
    state, events = through([DRIFT], [(float(t), seen(float(t % 2), "drift")) for t in range(500)])
    assert len(events) == 499 and len(state.history) == HISTORY


def test_judging_leaves_what_it_was_given_alone() -> None:
    state, _ = through([SLOW], [(0.0, seen(60.0))])
    before = msgspec.json.encode(state)
    evaluate_rules([SLOW], seen(10.0), state, 60.0)
    assert msgspec.json.encode(state) == before


values = st.one_of(st.none(), st.floats(0, 100))


@given(looks=st.lists(values, max_size=40), for_s=st.sampled_from([0.0, 120.0]), start=st.integers(0, 40))
def test_what_is_told_alternates_whatever_happens(looks: list[float | None], for_s: float, start: int) -> None:
    """Raised, resolved, raised, ...: also across a silence and what is not known."""
    rule = replace(SLOW, for_s=for_s)
    silence = [Silence(60.0 * start, 60.0 * start + 300.0, "x")]
    states = [state for _, state in told(rule, *looks, maintenance=silence)]
    assert states == ["raised", "resolved"] * (len(states) // 2) + ["raised"] * (len(states) % 2)


@given(looks=st.lists(values, max_size=30))
def test_it_makes_no_difference_whether_the_state_was_written_and_read_between_looks(looks: list[float | None]) -> None:
    kept, read = State("rides"), State("rides")
    for number, value in enumerate(looks):
        kept, one = evaluate_rules([SLOW], seen(value), kept, float(number))
        read, other = evaluate_rules([SLOW], seen(value), read, float(number))
        read = msgspec.json.decode(msgspec.json.encode(read), type=State)
        assert one == other and read == kept
