"""The population stability index is a distance of shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omloop.drift import psi

CELLS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=8)


@settings(max_examples=50)
@given(CELLS)
def test_it_is_never_negative_and_the_same_both_ways(cells: list[tuple[int, int]]) -> None:
    before, after = np.array(cells).T
    assert psi(before, after) >= 0
    assert psi(before, after) == pytest.approx(psi(after, before))


def test_a_sample_is_at_no_distance_from_itself() -> None:
    assert psi(np.array([5, 0, 9]), np.array([5, 0, 9])) == 0.0
    assert psi(np.array([0, 0]), np.array([0, 0])) == 0.0


def test_it_is_the_textbook_sum_without_smoothing() -> None:
    expected = (0.6 - 0.5) * np.log(0.6 / 0.5) + (0.4 - 0.5) * np.log(0.4 / 0.5)
    assert psi(np.array([50, 50]), np.array([60, 40]), smoothing=0) == pytest.approx(expected)


def test_a_shift_of_a_normal_column_is_about_its_square() -> None:
    values = np.random.default_rng(0).normal(size=200_000)
    edges = np.quantile(values, np.linspace(0, 1, 33))[1:-1]
    before, after = (np.bincount(np.digitize(sample, edges), minlength=32) for sample in (values, values + 0.3))
    assert psi(before, after) == pytest.approx(0.09, rel=0.15)
