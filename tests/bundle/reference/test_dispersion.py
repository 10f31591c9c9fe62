"""How much more than chance buckets differ is found for what it is."""

import numpy as np
import pytest

from omloop.bundle import Reference
from omloop.bundle.reference.dispersion import dispersion_of_means


def of(values: np.ndarray, bucket: int = 250) -> np.ndarray:
    columns = {f"c{index}": values[:, index] for index in range(values.shape[1])}
    found = Reference.of(columns, dict.fromkeys(columns, ()), series=columns, bucket=bucket)
    return np.array([cells.dispersion for cells in found.columns.values()], float)


def autocorrelated(rows: int, columns: int, rho: float) -> np.ndarray:
    values = np.random.default_rng(0).normal(size=(rows, columns))
    for row in range(1, rows):
        values[row] = rho * values[row - 1] + np.sqrt(1 - rho**2) * values[row]
    return values


def test_independent_rows_have_hardly_any() -> None:
    assert of(np.random.default_rng(0).normal(size=(10_000, 20))).max() < 1.3


def test_an_autocorrelated_mean_varies_by_the_textbooks_factor() -> None:
    """(1 + r) / (1 - r) for an autoregressive process: 4 for r = 0.6."""
    assert of(autocorrelated(10_000, 20, 0.6)) == pytest.approx(4, rel=0.2)


def test_rows_that_come_five_times_vary_five_times_as_much() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=(2000, 20)), 5, axis=0)
    assert of(values) == pytest.approx(5, rel=0.2)


def test_one_column_that_is_worse_than_the_others_is_not_hidden_by_them() -> None:
    values = np.random.default_rng(2).normal(size=(10_000, 20))
    values[:, 7] = autocorrelated(10_000, 1, 0.8)[:, 0]
    found = of(values)
    assert found[7] > 6
    assert np.delete(found, 7).max() < 3


def test_absent_values_that_come_in_bursts_count() -> None:
    values = np.random.default_rng(3).normal(size=(10_000, 5))
    values[2000:2500, 1] = np.nan
    found = of(values)
    assert found[1] > 10 > found[0]


@pytest.mark.parametrize("rows", [0, 100, 999])
def test_too_few_rows_tell_nothing(rows: int) -> None:
    columns = {"x": np.arange(float(rows))}
    assert Reference.of(columns, {"x": ()}, series=columns).columns["x"].dispersion is None


def test_a_column_without_a_series_is_given_the_largest() -> None:
    values = np.repeat(np.random.default_rng(4).normal(size=2000), 5)
    found = Reference.of({"x": values, "y": values[:50]}, {"x": (), "y": ()}, series={"x": values})
    assert found.columns["y"].dispersion == found.columns["x"].dispersion


def test_a_spread_that_comes_and_goes_counts_though_the_mean_stays() -> None:
    """Calm days and wild ones: the deviation is 0.7 for 500 rows, then 1.3 for 500, and so on."""
    values = np.random.default_rng(5).normal(size=(10_000, 5))
    values[:, 2] *= np.where(np.arange(10_000) // 500 % 2, 0.7, 1.3)
    found = of(values)
    assert found[2] > 10
    assert np.delete(found, 2).max() < 2.5


def test_means_of_which_some_vary_more_are_believed_less_than_equal_ones() -> None:
    means = np.random.default_rng(6).normal(size=(40, 30))
    unequal = means * np.repeat([1.2, 0.8], 15) / np.sqrt((1.2**2 + 0.8**2) / 2)
    assert dispersion_of_means(unequal) > 1.15 * dispersion_of_means(means)
