"""How unusual each live row is: its distance from the nearest of a sample of reference rows.

The distance to the k-th nearest neighbour is the plainest measure of an outlier (Ramaswamy, Rastogi and Shim 2000,
"Efficient algorithms for mining outliers from large data sets"). A number counts in robust standard deviations of the
sample, eight at most; another category, or a value that is absent on one side only, counts as one and a half.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

NEIGHBOURS = 5
"""Fewer follow single odd rows of the sample, more see small groups of it as unusual."""
USUAL = 0.95
"""The share of the sample's own rows within the limit: one usual live row in twenty shows as unusual."""
FARTHEST = 8.0
"""Robust standard deviations that a number counts at most, so that one wild value does not drown all other columns."""
OTHER = 1.5
"""What another word counts: as a number that many robust standard deviations away."""
_NORMAL_QUARTILES = 1.349
"""The distance between the quartiles of a normal number, in standard deviations."""


@dataclass(frozen=True)
class Unusual:
    """How far each live row is from the sample, shape (n,), the row of it that is nearest, and the usual limit.

    Of the sample itself, 95 in 100 rows lie within `limit` of their neighbours.
    """

    distances: NDArray[np.float64]
    nearest: NDArray[np.int64]
    limit: float

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Which live rows lie beyond the limit."""
        return self.distances > self.limit


def find_unusual(
    sample: Mapping[str, NumberArray], live: Mapping[str, NumberArray], categories: Mapping[str, tuple[str, ...]]
) -> Unusual:
    """Hold live rows against a sample of at least two; both as columns of shape (rows,), by name.

    >>> sample = {"age": np.arange(10.0, 20.0)}
    >>> found = find_unusual(sample, {"age": np.array([14.0, 90.0])}, {"age": ()})
    >>> found.beyond.tolist(), found.nearest.tolist()
    ([False, True], [4, 9])
    """
    known = _vectors(sample, sample, categories)
    among = min(NEIGHBOURS, len(known) - 1)
    own = np.sort(_squares(known, known), axis=1)[:, among]  # the nearest of all is the row itself
    squares = _squares(_vectors(sample, live, categories), known)
    distances = np.sqrt(np.sort(squares, axis=1)[:, among - 1])
    return Unusual(distances, squares.argmin(axis=1), float(np.sqrt(np.quantile(own, USUAL))))


def differences(
    sample: Mapping[str, NumberArray],
    live: Mapping[str, NumberArray],
    categories: Mapping[str, tuple[str, ...]],
    pair: tuple[int, int],
) -> dict[str, float]:
    """How much each column adds to the squared distance of a live row and a row of the sample, the most first."""
    row, other = pair
    found = {
        name: float(
            _squares(
                _column(sample[name], live[name][row : row + 1], categories[name]),
                _column(sample[name], sample[name][other : other + 1], categories[name]),
            )[0, 0]
        )
        for name in sample
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _vectors(
    sample: Mapping[str, NumberArray], rows: Mapping[str, NumberArray], categories: Mapping[str, tuple[str, ...]]
) -> NDArray[np.float64]:
    return np.hstack([_column(values, rows[name], categories[name]) for name, values in sample.items()])


def _column(sample: NumberArray, values: NumberArray, words: tuple[str, ...]) -> NDArray[np.float64]:
    """A column's part of the vectors, shape (rows, 1 and more): one number and whether it is there, or one a word."""
    values = np.asarray(values, np.float64)
    if words:
        return np.asarray((values[:, None] == np.arange(len(words))) * OTHER / np.sqrt(2))
    present = np.asarray(sample, np.float64)[np.isfinite(sample)]
    if not len(present):
        return np.asarray(np.isnan(values)[:, None] * OTHER)
    low, middle, high = np.quantile(present, [0.25, 0.5, 0.75])
    spread = (high - low) / _NORMAL_QUARTILES or float(present.std()) or 1.0
    scaled = np.clip(np.nan_to_num((values - middle) / spread), -FARTHEST, FARTHEST)
    return np.column_stack([scaled, np.isnan(values) * OTHER])


def _squares(rows: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances, shape (rows, others)."""
    sums = np.square(rows).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    return np.asarray(np.maximum(sums - 2 * rows @ others.T, 0.0))
