"""What rings before it is known how much traffic varies by itself: special cells, and nothing else.

A value that never occurred (below all others, above them, of a word that is not known, absent) is tested as if every
row came ten times. What did occur may come in runs, so rows within a bucket prove nothing of each other: whatever their
dependence, the share of a bucket is on average the reference's at most. So one bets on it bucket by bucket, and the
product of what is won is a test of any level (Waudby-Smith and Ramdas 2024, J. R. Stat. Soc. B 86, 1, "Estimating means
of bounded random variables by betting"). A run in one bucket wins little; a share that stays high wins each time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells
from omloop.drift.rates import risen

STAKE = 0.9
"""What is bet on each bucket: with all of it, one without any such row would end the game."""


def gross_p_values(
    cells: Cells, buckets: NDArray[Any], ends: NDArray[np.int64], scale: int, dispersion: float
) -> NDArray[np.float64]:
    """The p-value of a column's special cells in windows of `scale` buckets, for each of `ends`; shape (ends,).

    `buckets` are all counts of the column, shape (buckets, cells); `dispersion` is what is assumed before any is known.

    >>> reference = Cells((), ("a", "b"), (5000, 4900, 0, 100))
    >>> run, lasts = np.zeros((8, 4)), np.tile([70, 70, 0, 110], (8, 1))
    >>> run[:] = 125, 125, 0, 0
    >>> run[3] = 70, 70, 0, 110
    >>> all_eight = np.array([7])
    >>> [bool(gross_p_values(reference, rows, all_eight, 8, 10.0)[0] < 1e-7) for rows in (run, lasts)]
    [False, True]
    """
    special = special_of(cells)
    reference, total = np.asarray(cells.counts, np.float64)[special], max(1.0, float(np.sum(cells.counts)))
    live, rows = np.maximum(buckets[:, special], 0.0), np.maximum(buckets.sum(axis=1), 1.0)[:, None]
    shares = (reference + 2 * np.sqrt(dispersion * reference)) / total  # the upper 95 % limit, for clustered rows
    with np.errstate(divide="ignore", invalid="ignore"):
        won = np.log(1 + STAKE * (live / rows / shares - 1))
    bets = np.exp(-np.maximum(0.0, _last(won, ends, scale)))
    never = risen(reference, _last(live, ends, scale), total, _last(rows, ends, scale), dispersion)
    return np.asarray(np.minimum(1.0, np.where(reference > 0, bets, never).min(axis=1) * len(special)))


def special_of(cells: Cells) -> NDArray[np.int64]:
    """The positions of the cells that no usual value falls in."""
    return np.array([-2, -1] if cells.categories else [0, -2, -1])


def _last(values: NDArray[Any], ends: NDArray[np.int64], scale: int) -> NDArray[Any]:
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(np.nan_to_num(values, posinf=0.0), axis=0)])
    return np.asarray(sums[ends + 1] - sums[ends + 1 - scale])
