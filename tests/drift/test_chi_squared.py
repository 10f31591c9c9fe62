"""The chi-squared test equals SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from omloop.drift import chi_squared

COUNTS = st.lists(st.integers(0, 1000), min_size=2, max_size=8)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(50, 1000), st.integers(50, 1000)), min_size=2, max_size=8))
def test_it_equals_scipy_where_no_cell_is_scarce(cells: list[tuple[int, int]]) -> None:
    table = np.array(cells).T
    expected = chi2_contingency(table, correction=False)
    assert chi_squared(table[0], table[1]) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)


@settings(max_examples=50)
@given(COUNTS)
def test_a_sample_does_not_differ_from_itself(counts: list[int]) -> None:
    assert chi_squared(np.array(counts), np.array(counts)) == (0.0, 1.0)


@pytest.mark.parametrize("live", [[0, 0, 0], [0, 7, 0]])
def test_nothing_to_tell_apart_is_no_difference(live: list[int]) -> None:
    """An empty sample, and a column of a single value."""
    assert chi_squared(np.array([0, 9, 0]), np.array(live)) == (0.0, 1.0)
