"""T² is Hotelling's, and its tail that of the F distribution."""

import numpy as np
import pytest
from scipy.stats import f, ttest_1samp

from omloop.drift import hotelling


def test_of_one_number_it_is_the_square_of_students_t() -> None:
    """With the roles turned round: the reference estimates the variance, and the live mean is all but exact."""
    values = np.random.default_rng(0).normal(0.2, 1, 50)
    expected = ttest_1samp(values, 0.0)
    apart = np.array([[-values.mean() / values.std(ddof=1)]])
    statistic, p_value = hotelling(apart, 50, np.array([1e12]))
    assert statistic[0] == pytest.approx(expected.statistic**2)
    assert p_value[0] == pytest.approx(expected.pvalue)


def test_the_tail_is_that_of_the_f_distribution() -> None:
    apart = np.full((1, 4), 0.2)
    statistic, p_value = hotelling(apart, 200, np.array([100]), 2.0)
    assert statistic[0] == pytest.approx(0.16 * 200 * 100 / 300 / 2)
    assert p_value[0] == pytest.approx(f.sf(statistic[0] * 196 / (4 * 199), 4, 196))


def test_no_live_rows_or_too_few_others_have_a_p_value_of_one() -> None:
    assert hotelling(np.ones((1, 2)), 100, np.array([0]))[1][0] == 1.0
    assert hotelling(np.ones((1, 2)), 3, np.array([50]))[1][0] == 1.0


def test_numbers_that_stray_together_ring_no_more_often_than_normal_ones() -> None:
    """The mean of fifty rows, each scaled by a chance of its own: without the kurtosis it would ring far too often."""
    chance, size = np.random.default_rng(0), 5
    rows = chance.normal(size=(20_000, 50, size)) * np.sqrt(chance.chisquare(5, (20_000, 50, 1)) / 5)
    kurtosis = size * (size + 2) * 0.4  # the variance of chi-squared by its square mean: 2 / 5
    plain, told = (hotelling(rows.mean(axis=1), 10**6, 50, 1.0, excess)[1] for excess in (0.0, kurtosis))
    assert (told < 0.001).mean() < (plain < 0.001).mean()
    assert (told < 0.001).mean() == pytest.approx(0.001, abs=0.0007)
