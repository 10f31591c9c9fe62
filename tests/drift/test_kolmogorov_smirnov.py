"""The Kolmogorov-Smirnov test on counts, beside SciPy's on values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwobign

from omloop.bundle import Reference
from omloop.drift import kolmogorov_smirnov

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=9).filter(
    lambda cells: all(np.array(cells).sum(axis=0))
)


@settings(max_examples=50)
@given(COUNTS)
def test_it_equals_scipy_where_each_value_has_its_cell(cells: list[tuple[int, int]]) -> None:
    """The p-value is that of Kolmogorov's limiting distribution."""
    reference, live = np.array(cells).T
    values = np.arange(len(cells))
    expected = ks_2samp(np.repeat(values, reference), np.repeat(values, live), method="asymp")
    statistic, p_value = kolmogorov_smirnov(reference, live)
    assert statistic == pytest.approx(expected.statistic)
    effective = reference.sum() * live.sum() / (reference.sum() + live.sum())
    assert p_value == pytest.approx(kstwobign.sf(np.sqrt(effective) * statistic), abs=1e-12)


def test_its_p_value_is_scipys_for_samples_of_the_usual_size() -> None:
    chance = np.random.default_rng(0)
    reference, live = chance.integers(0, 12, 5000), chance.integers(0, 12, 500) + (chance.random(500) < 0.1)
    expected = ks_2samp(reference, live, method="asymp").pvalue
    counts = [np.bincount(sample, minlength=14) for sample in (reference, live)]
    assert kolmogorov_smirnov(*counts)[1] == pytest.approx(expected, rel=0.05)


def test_on_cells_it_errs_towards_silence() -> None:
    """Its statistic on 16 cells is at most that on the values."""
    chance = np.random.default_rng(0)
    for _ in range(20):
        values, live = chance.normal(size=1000), chance.normal(0.1, size=300)
        cells = Reference.of({"x": values}, {"x": ()}).columns["x"]
        statistic, _ = kolmogorov_smirnov(np.array(cells.counts)[:-1], cells.count(live)[:-1])
        assert statistic <= ks_2samp(values, live).statistic + 1e-12


def test_an_empty_sample_is_no_difference() -> None:
    assert kolmogorov_smirnov(np.array([3, 4]), np.array([0, 0])) == (0.0, 1.0)
