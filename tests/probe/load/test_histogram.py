import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omloop.probe import Latencies

SECONDS = st.floats(min_value=0.0, max_value=3600.0)
SHARE = st.floats(min_value=0.0, max_value=1.0)
STEP = 1e-6


@given(st.lists(SECONDS, min_size=1, max_size=200), SHARE)
def test_a_percentile_is_never_too_low_and_at_most_a_thousandth_too_high(values: list[float], share: float) -> None:
    true = float(np.quantile(values, share, method="inverted_cdf"))
    found = Latencies(values).at(share)
    assert true * (1 - 1e-12) <= found <= true * (1 + 1 / 1024) + STEP


@given(st.lists(SECONDS, max_size=50), st.lists(SECONDS, max_size=50))
def test_merged_is_as_counted_together(first: list[float], second: list[float]) -> None:
    merged, together = Latencies(first), Latencies([*first, *second])
    merged.merge(Latencies(second))
    shares = [0.0, 0.5, 0.9, 1.0]
    assert (merged.count, merged.most) == (together.count, together.most)
    assert merged.each(shares) == together.each(shares)


@given(st.lists(SECONDS, min_size=1, max_size=50))
def test_all_are_at_most_the_largest(values: list[float]) -> None:
    assert Latencies(values).at(1.0) == max(values)


def test_of_nothing_every_percentile_is_0() -> None:
    assert Latencies().each([0.5, 0.99]) == [0.0, 0.0] and Latencies().most == 0.0


def test_many_latencies_take_few_buckets() -> None:
    seen = Latencies(number * 1e-5 for number in range(10_000))
    assert seen.count == 10_000 and len(seen._counts) < 8000


def test_a_clock_that_goes_back_counts_as_nothing() -> None:
    assert Latencies([-1.0]).at(1.0) == 0.0
