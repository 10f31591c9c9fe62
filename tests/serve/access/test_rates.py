"""A caller may ask at a steady rate, and a little in advance."""

from hypothesis import given
from hypothesis import strategies as st

from omloop.serve.access import rates as module
from omloop.serve.access.rates import Rates


@given(st.integers(1, 6000), st.lists(st.floats(0, 5), min_size=1, max_size=50))
def test_nobody_gets_more_than_the_rate_and_the_burst(per_minute: int, pauses: list[float]) -> None:
    rates, now, given_out = Rates(per_minute), 0.0, 0
    for pause in pauses:
        now += pause
        wait_s = rates.wait_s("a", now)
        given_out += wait_s == 0.0
        assert 0.0 <= wait_s <= 60.0 / per_minute + 1e-6
    assert given_out <= max(1.0, per_minute / 6) + now * per_minute / 60 + 1e-6


def test_callers_have_buckets_of_their_own_and_only_the_last_are_remembered(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(module, "MOST_CALLERS", 3)
    rates = Rates(per_minute=1)
    assert rates.wait_s("a", 0.0) == 0.0 == rates.wait_s("b", 0.0)
    assert rates.wait_s("a", 6.0) == 54.0
    for caller in "cdef":
        rates.wait_s(caller, 7.0)
    assert len(rates) == 3 and rates.wait_s("b", 7.0) == 0.0
