"""The drift reference: every observed column as exact counts in fixed cells.

A number has cells of equal mass in the reference, one cell for values below all of them, one for values above, one for
absent values. A category has one cell a word and one for absent values. Counts add up over time and over processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import DataError

CELLS = 16


@dataclass(frozen=True)
class Cells:
    """The cells of one column and how many reference rows fell in each.

    `edges` are the limits of a number's cells, from just below the smallest value of the reference to its largest;
    `categories` are the words of a category. One of the two is empty.
    """

    edges: tuple[float, ...]
    categories: tuple[str, ...]
    counts: tuple[int, ...]

    def count(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """How many of `values` fall in each cell; numbers: below, the cells, above, absent; categories: words, absent.

        Raises DataError for a category's index that has no word.
        """
        absent = np.isnan(values)
        present = values[~absent]
        if self.categories:
            if present.size and not 0 <= present.min() <= present.max() < len(self.categories):
                raise DataError(f"An index is outside the {len(self.categories)} categories of this reference.")
            cells = np.bincount(present.astype(np.int64), minlength=len(self.categories))
        else:
            # Cell 0 is below every edge, the last is above; a value on an edge belongs to the cell on its left.
            cells = np.bincount(np.searchsorted(self.edges, present, side="left"), minlength=len(self.edges) + 1)
        return np.append(cells, absent.sum())


@dataclass(frozen=True)
class Reference:
    """The observed training data: cells by column, and the number of rows that were counted."""

    rows: int
    columns: dict[str, Cells]

    @classmethod
    def of(cls, observed: Mapping[str, NDArray[Any]], categories: Mapping[str, tuple[str, ...]]) -> "Reference":
        """Count observed rows in cells laid through their own quantiles."""
        rows = len(next(iter(observed.values()), ()))
        return cls(rows, {name: _cells(values, categories[name]) for name, values in observed.items()})


def _cells(values: NDArray[Any], categories: tuple[str, ...]) -> Cells:
    numbers = np.asarray(values, np.float64)
    edges = () if categories else _edges(numbers)
    counts = Cells(edges, categories, ()).count(numbers).tolist()
    return Cells(edges, categories, tuple(counts))


def _edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Limits of cells of equal mass; a value that is common, as in a column of few integers, has its own cell."""
    present = values[np.abs(values) < np.finfo(np.float64).max]  # an edge must be finite: JSON has no infinity
    if not len(present):
        return (0.0,)
    upper = np.unique(np.quantile(present, np.arange(1, CELLS + 1) / CELLS, method="inverted_cdf"))
    return (float(np.nextafter(present.min(), -np.inf)), *upper.tolist())
