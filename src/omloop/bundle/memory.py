"""How long traffic remembers: by which power of its width the dispersion of a wide window is larger.

The mean over a window of rows that resemble the few before them varies with one over its width. Where the mean wanders
slowly it does not: the dispersion grows with the width, by the power 1 where nothing evens out at all. Long memory is
read off the plot of variance by width (Beran 1994, "Statistics for Long-Memory Processes", section 4.4). Few buckets
give two widths of it; wider windows are taken to go on in the same way, which errs towards silence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.dispersion import raised, stands_out

WIDE = 4
MOST = 8.0
"""What wanders is not doubted further: nothing would be seen in it at all."""
_BUCKETS = 40.0
_SURE = 1.645  # standard errors, as of the dispersion of wide buckets
_LEAST = 8 * WIDE  # of fewer buckets there are too few wide ones


def memories(buckets: Sequence[NDArray[Any]], scores: Sequence[NDArray[Any] | None]) -> NDArray[np.float64]:
    """The power of each column, 0 to 1, from its counts of shape (buckets, cells) in the order of time.

    It is that of the mean score, for a column with a score for each of its cells, else that of all cells. It is 0
    where the buckets differ no more than chance explains, and where wide ones do so no more than narrow ones.

    >>> chance = np.random.default_rng(0)
    >>> level = np.repeat([100, 150, 90, 140], 10)
    >>> wandering = chance.poisson(np.stack([level, 240 - level], axis=1))
    >>> memories([wandering, chance.poisson(120, (40, 2))], [None, None]).round(1).tolist()
    [0.8, 0.0]
    """
    return np.array([_memory(*_series(np.asarray(c, np.float64), s)) for c, s in zip(buckets, scores, strict=True)])


def grown(memory: NDArray[Any] | float, buckets: NDArray[Any] | float) -> NDArray[np.float64]:
    """By how much the dispersion of windows of so many buckets is larger than the one that was read off single ones.

    Buckets that remember each other also tell less of it: as much as so many to the power 1 - memory that do not, and
    the fewer those are, the heavier the tails of what is divided by it (`raised`). That is taken as of 40 buckets.
    """
    power = np.asarray(memory, np.float64)
    doubt = raised(0.0, 2 / _BUCKETS ** (1 - power)) / raised(0.0, 2 / _BUCKETS)
    return np.asarray(np.minimum(doubt, MOST) * np.asarray(buckets, np.float64) ** power)


def memory_of_means(means: NDArray[np.float64]) -> float:
    """The same of means of independent numbers, times the root of how many they are of; shape (buckets, numbers)."""
    return _memory(means, np.ones(means.shape[1]))


def _series(
    counts: NDArray[np.float64], scores: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One or several numbers of each bucket, and the variance that they have in independent rows."""
    if scores is None:
        return counts, np.maximum(counts.mean(axis=0), 1.0)
    scored = counts[:, : len(scores)]
    total = scored.sum(axis=0)
    centred = scores - np.average(scores, weights=total) if total.any() else np.asarray(scores)
    return scored @ centred[:, None], np.array([max(1e-9, (total @ centred**2) / len(counts))])


def _memory(values: NDArray[np.float64], usual: NDArray[np.float64]) -> float:
    if len(values) < _LEAST or not values.size:
        return 0.0
    narrow = _ratio(values, usual)
    wide = WIDE * _ratio(values[: len(values) // WIDE * WIDE].reshape(-1, WIDE, values.shape[1]).mean(axis=1), usual)
    of_narrow, of_wide = len(values) - 1, len(values) // WIDE - 1
    more = np.log(max(wide, 1e-9) / max(narrow, 1e-9))
    restless = stands_out(np.array(narrow), of_narrow) or stands_out(np.array(wide), of_wide)
    if not restless or more < _SURE * np.sqrt(2 / of_narrow + 2 / of_wide):
        return 0.0
    return float(min(1.0, more / np.log(WIDE)))


def _ratio(values: NDArray[np.float64], usual: NDArray[np.float64]) -> float:
    """The variance between buckets by that of independent rows."""
    return float((values.var(axis=0, ddof=1) / usual).mean())
