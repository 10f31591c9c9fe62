"""Cells that hold too few rows for the limits that the chi-squared test relies on, and their pooling."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_EXPECTED = 5.0
"""Fewer expected rows than this are too few. Cochran (1954), "Some methods for strengthening the common χ² tests"."""


def scarce(table: NDArray[Any], least: float = LEAST_EXPECTED) -> NDArray[np.bool_]:
    """Which cells are expected to hold fewer than `least` rows of the smaller sample; shape (2, cells) to (cells,).

    What is expected depends on the sum of both samples alone, so the choice favours neither.

    >>> scarce(np.array([[100, 2, 98], [100, 1, 99]]))
    array([False,  True, False])
    """
    cells, smaller = table.sum(axis=0), table.sum(axis=1).min()
    return np.asarray(cells * smaller < least * cells.sum())


def pooled(table: NDArray[Any], least: float = LEAST_EXPECTED) -> NDArray[Any]:
    """Merge scarce cells into one until it is not scarce; shape (2, cells) to (2, fewer), the merged cell last.

    If all the scarce cells together are still scarce, they take the next scarcest in.

    >>> pooled(np.array([[100, 2, 1, 97], [100, 1, 4, 95]]), least=4)
    array([[100,  97,   3],
           [100,  95,   5]])
    """
    order = np.argsort(table.sum(axis=0), kind="stable")
    merged = int(scarce(table, least).sum())
    if not merged:
        return table
    while merged < len(order) and scarce(_merge(table, order, merged), least)[-1]:
        merged += 1
    return _merge(table, order, merged)


def _merge(table: NDArray[Any], order: NDArray[np.int64], merged: int) -> NDArray[Any]:
    kept = np.sort(order[merged:])
    return np.column_stack([table[:, kept], table[:, order[:merged]].sum(axis=1)])
