"""Pearson's test on two samples is what SciPy computes, for many windows at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from omloop.drift import chi_squared

tables = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=2, max_size=20)


@given(tables)
@settings(max_examples=60, deadline=None)
def test_it_equals_scipy(cells: list[tuple[int, int]]) -> None:
    table = np.array(cells).T
    expected = chi2_contingency(table, correction=False)
    statistic, p_value = chi_squared(table[0], table[1])
    assert statistic == pytest.approx(expected.statistic)
    assert p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_many_windows_are_tested_at_once() -> None:
    draws = np.random.default_rng(0).multinomial(300, [0.1, 0.2, 0.7], (4, 5))
    reference = np.array([100, 200, 700])
    statistics, p_values = chi_squared(reference, draws)
    assert statistics.shape == p_values.shape == (4, 5)
    assert statistics[2, 3] == pytest.approx(chi_squared(reference, draws[2, 3])[0])


def test_a_dispersion_divides_the_statistic() -> None:
    reference, live = np.array([50, 50]), np.array([[30, 70]])
    statistic, p_value = chi_squared(reference, live, 4.0)
    assert statistic[0] == pytest.approx(chi_squared(reference, live)[0][0] / 4)
    assert p_value[0] == pytest.approx(chi2.sf(statistic[0], 1))


def test_cells_that_are_empty_in_both_samples_have_no_part() -> None:
    found, expected = (
        chi_squared(np.array([5, 0, 9]), np.array([8, 0, 3])),
        chi_squared(np.array([5, 9]), np.array([8, 3])),
    )
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(("reference", "live"), [([0, 0], [3, 4]), ([3, 4], [0, 0]), ([5], [5]), ([5, 0], [5, 0])])
def test_nothing_to_tell_apart_has_a_p_value_of_one(reference: list[int], live: list[int]) -> None:
    assert chi_squared(np.array(reference), np.array(live)) == (0.0, 1.0)
