from hypothesis import given
from hypothesis import strategies as st

from omloop.probe import Latencies, Load, LoadPlan, RateStep, capacity, climb


def answering(limit: float) -> list[float]:
    """The rates that are tried on a server that bears `limit` requests a second."""
    return [step.rate for step in steps_of(limit, 100.0)]


def steps_of(limit: float, start: float, most: float = 100_000.0) -> list[RateStep]:
    def attempt(rate: float) -> Load:
        plan, took = LoadPlan(rate, 1.0), Latencies([0.01 if rate <= limit else 1.0])
        return Load(plan, plan.count, {200: plan.count}, {}, took, Latencies(), [], 1.0)

    return list(climb(attempt, start, p99_s=0.05, most=most))


def test_the_rate_is_raised_until_it_breaks_and_then_the_gap_is_halved() -> None:
    assert answering(200.0) == [100.0, 150.0, 225.0, 187.5, 206.25, 196.875]


def test_when_the_first_rate_breaks_there_is_no_capacity() -> None:
    steps = steps_of(10.0, 100.0)
    assert len(steps) == 1 and capacity(steps) is None


@given(st.floats(min_value=1.0, max_value=50_000.0), st.floats(min_value=1.0, max_value=1000.0))
def test_the_capacity_is_near_the_limit_and_never_above(limit: float, start: float) -> None:
    best = capacity(steps_of(limit, start))
    assert best is None if start > limit else best is not None and best.rate <= limit
    if best is not None and limit < start * 1.5**12:
        assert best.rate * 1.07 >= limit


def test_a_server_that_bears_everything_ends_the_search_at_the_highest_rate() -> None:
    steps = steps_of(1e9, 100.0, most=300.0)
    assert [step.rate for step in steps] == [100.0, 150.0, 225.0, 300.0]


def test_there_is_an_end_however_high_the_limit() -> None:
    assert len(steps_of(1e9, 0.001)) == 16
