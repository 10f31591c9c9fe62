"""The row of a window where a column began to move: the change point of largest likelihood (Page 1954)."""

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells
from omloop.core import NumberArray

STEPS = 3
"""Rounds of refining the change point: shifts of half to two standard deviations have converged by then."""


def moved_since(cells: Cells, values: NumberArray) -> int:
    """The position of the first moved row, for a window whose last rows have moved; `values` has shape (n,).

    Each row's evidence for a movement is a log ratio: how much more frequent its cell is in the moved rows than in the
    reference. At first nobody knows which rows moved. So the first round takes all rows, and each later one takes those
    of the round before. 0 means that the column had moved before the window began.

    >>> cells = Cells((0.0, 1.0, 2.0), (), (0, 500, 500, 0, 0))
    >>> moved_since(cells, np.repeat([0.5, 1.5, 2.5], [40, 40, 80]))
    80
    """
    cell = cells.place(values)
    reference = _logs(np.asarray(cells.counts))
    start = 0
    for _ in range(STEPS):
        scores = (_logs(np.bincount(cell[start:], minlength=cells.size)) - reference)[cell]
        start = int(np.concatenate([[0.0], np.cumsum(scores)])[:-1].argmin())
    return start


def _logs(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The logarithms of the cells' shares; half a row more in each, Jeffreys' prior, keeps an empty one finite."""
    return np.asarray(np.log((counts + 0.5) / (counts + 0.5).sum()))
