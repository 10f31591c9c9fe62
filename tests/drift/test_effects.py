"""Effect sizes are what SciPy computes, and zero for equal shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from omloop.drift import jensen_shannon, psi, wasserstein

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=20).filter(
    lambda cells: all(sum(sample) for sample in zip(*cells, strict=True))
)


@given(counts)
@settings(max_examples=60, deadline=None)
def test_the_jensen_shannon_distance_equals_scipys(cells: list[tuple[int, int]]) -> None:
    before, after = np.array(cells).T
    assert jensen_shannon(before, after) == pytest.approx(jensenshannon(before, after, base=2), abs=1e-7)


@given(counts)
@settings(max_examples=60, deadline=None)
def test_the_earth_movers_distance_equals_scipys(cells: list[tuple[int, int]]) -> None:
    before, after = np.array(cells).T
    places = np.arange(len(before)) ** 2.0
    assert wasserstein(before, after, places) == pytest.approx(wasserstein_distance(places, places, before, after))


@given(counts)
@settings(max_examples=60, deadline=None)
def test_the_stability_index_is_symmetric_and_never_negative(cells: list[tuple[int, int]]) -> None:
    before, after = np.array(cells).T
    assert psi(before, after) == pytest.approx(psi(after, before))
    assert psi(before, after) >= 0


@given(st.lists(st.integers(0, 500), min_size=1, max_size=20), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_equal_shares_are_not_apart(cells: list[int], times: int) -> None:
    before = np.array(cells)
    assert psi(before, times * before, smoothing=0.0) == pytest.approx(0.0)
    assert wasserstein(before, times * before, np.arange(len(before))) == pytest.approx(0.0)


def test_a_cell_that_empties_is_far_but_not_infinitely_far() -> None:
    assert 1 < psi(np.array([100, 100]), np.array([200, 0])) < 10


def test_a_shift_of_a_normal_column_is_about_its_square() -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=100_000)
    edges = np.quantile(values, np.arange(1, 16) / 16)
    before, after = (np.bincount(np.searchsorted(edges, some), minlength=16) for some in (values, values + 0.3))
    assert psi(before, after) == pytest.approx(0.09, rel=0.1)
