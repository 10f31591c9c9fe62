"""The distance is exact on the cells, and the test errs towards silence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwobign

from omloop.drift import kolmogorov_smirnov

counts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=18)


@given(counts.filter(lambda cells: all(sum(sample) for sample in zip(*cells, strict=True))))
@settings(max_examples=60, deadline=None)
def test_it_equals_scipy_with_each_value_at_its_cell(cells: list[tuple[int, int]]) -> None:
    reference, live = np.array(cells).T
    places = np.arange(len(reference))
    expected = ks_2samp(np.repeat(places, reference), np.repeat(places, live), method="asymp")
    statistic, p_value = kolmogorov_smirnov(reference, live)
    assert statistic == pytest.approx(expected.statistic)
    effective = reference.sum() * live.sum() / (reference.sum() + live.sum())
    assert p_value == pytest.approx(kstwobign.sf(np.sqrt(effective) * expected.statistic), abs=1e-12)


def test_cells_never_show_more_than_the_values_themselves() -> None:
    chance = np.random.default_rng(0)
    reference, live = chance.normal(size=2000), chance.normal(0.3, size=300)
    edges = np.quantile(reference, np.arange(1, 16) / 16)
    binned = [np.bincount(np.searchsorted(edges, values), minlength=16) for values in (reference, live)]
    assert kolmogorov_smirnov(*binned)[0] <= ks_2samp(reference, live).statistic


def test_a_dispersion_takes_rows_away() -> None:
    reference, live = np.array([500, 500]), np.array([[30, 70]])
    five_times = kolmogorov_smirnov(5 * reference, 5 * live, 5.0)
    assert five_times[1][0] == pytest.approx(kolmogorov_smirnov(reference, live)[1][0])


@pytest.mark.parametrize(("reference", "live"), [([0, 0], [3, 4]), ([3, 4], [0, 0])])
def test_an_empty_sample_has_a_p_value_of_one(reference: list[int], live: list[int]) -> None:
    assert kolmogorov_smirnov(np.array(reference), np.array(live)) == (0.0, 1.0)
