"""Alarms before the variation of the traffic is known: special cells, and nothing else.

A value that never occurred (below all others, above them, of another word, absent) is tested as if every row came ten
times. Values that did occur may come in runs, so rows within a bucket may depend on each other. Whatever their
dependence, without drift the share of a bucket is on average at most the reference's. So the test bets on it bucket by
bucket, and the product of the winnings is a test at any level. Source: Waudby-Smith and Ramdas 2024, J. R. Stat. Soc. B
86, 1, "Estimating means of bounded random variables by betting". A run in one bucket wins little; a share that stays
high wins each time.
"""

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells
from omloop.core import NumberArray
from omloop.drift.rates import risen

STAKE = 0.9
"""The stake on each bucket: with all the capital, one bucket without any such row would end the game."""

CLUSTERED = 3.0
"""From this dispersion on, rare values may come in runs, which a known dispersion does not describe well enough."""


def gross_p_values(
    cells: Cells, buckets: NumberArray, ends: NDArray[np.int64], scale: int, dispersion: float
) -> NDArray[np.float64]:
    """The p-value of a column's special cells in windows of `scale` buckets, for each of `ends`; shape (ends,).

    `buckets` are all counts of the column, shape (buckets, cells); `dispersion` is the one to assume before any is
    known.

    >>> reference = Cells((), ("a", "b"), (5000, 4900, 0, 100))
    >>> run, lasts = np.zeros((8, 4)), np.tile([70, 70, 0, 110], (8, 1))
    >>> run[:] = 125, 125, 0, 0
    >>> run[3] = 70, 70, 0, 110
    >>> all_eight = np.array([7])
    >>> [bool(gross_p_values(reference, rows, all_eight, 8, 10.0)[0] < 1e-7) for rows in (run, lasts)]
    [False, True]
    """
    counts, total = np.asarray(cells.counts), max(1, sum(cells.counts))
    special = np.union1d(np.flatnonzero(counts == 0), [cells.size - 2, cells.size - 1])
    reference = counts[special]
    live, dispersion = _last(buckets[:, special], ends, scale), max(dispersion, cells.repeats)
    never = risen(reference, live, total, _last(buckets.sum(axis=1, keepdims=True), ends, scale), dispersion)
    p_values = np.where(reference > 0, bets(cells, buckets, ends, scale, special, dispersion), never)
    return np.asarray(np.minimum(1.0, p_values.min(axis=1) * len(special)))


def bets(
    cells: Cells,
    buckets: NumberArray,
    ends: NDArray[np.int64],
    scale: int,
    chosen: NDArray[np.int64],
    dispersion: float,
) -> NDArray[np.float64]:
    """The p-values of bets that the `chosen` cells have become more frequent, in each window; shape (ends, chosen).

    It is 0 where the reference has no row in the cell: there is nothing to bet on.
    """
    reference = np.asarray(cells.counts, np.float64)[chosen]
    # The rate that the reference may have had: its upper limit, two standard errors of a count.
    usual = (reference + 2 * np.sqrt(dispersion * reference)) / max(1, sum(cells.counts))
    shares = buckets[:, chosen] / np.maximum(buckets.sum(axis=1, keepdims=True), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        won = np.where(reference > 0, np.log(1 + STAKE * (shares / usual - 1)), 0.0)
    found = np.exp(-np.maximum(0.0, _last(won, ends, scale)))
    return np.asarray(np.where(reference > 0, found, 0.0))


def _last(values: NumberArray, ends: NDArray[np.int64], scale: int) -> NumberArray:
    """The sums over the last `scale` buckets."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.asarray(sums[ends + 1] - sums[ends + 1 - scale])
