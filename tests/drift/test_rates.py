"""A rare cell's growth is judged exactly, however few the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from omloop.drift import risen


@given(st.integers(0, 30), st.integers(0, 30), st.integers(30, 10_000), st.integers(30, 500))
@settings(max_examples=60, deadline=None)
def test_it_equals_scipys_binomial_test_of_two_poisson_rates(
    reference: int, live: int, rows: int, live_rows: int
) -> None:
    together = reference + live
    exact = binomtest(live, together, live_rows / (rows + live_rows), "greater").pvalue if together else 1.0
    assert float(risen(reference, live, rows, live_rows)) == pytest.approx(exact)


def test_five_copies_of_one_row_are_one_row() -> None:
    assert risen(10, 15, 1000, 250, 5.0) == pytest.approx(risen(2, 3, 1000, 250))


def test_it_never_rings_more_often_than_it_says() -> None:
    chance = np.random.default_rng(0)
    reference, live = chance.binomial(5000, 0.002, 100_000), chance.binomial(250, 0.002, 100_000)
    p_values = risen(reference, live, 5000, 250)
    for level in (0.05, 0.01, 0.001):
        assert (p_values <= level).mean() <= level


def test_no_rows_have_a_p_value_of_one() -> None:
    assert risen(3, 0, 100, 0) == 1.0 == risen(0, 0, 0, 0)
