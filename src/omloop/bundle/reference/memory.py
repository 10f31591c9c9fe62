"""Long memory of traffic: the power of a window's width by which its dispersion grows.

If rows resemble only the few before them, the variance of a window's mean falls as one over its width. If the mean
wanders slowly, it does not: the dispersion grows with the width, with the power 1 if nothing averages out. The plot of
variance by width shows long memory (Beran 1994, "Statistics for Long-Memory Processes", section 4.4). Few buckets give
only two widths of it. omloop assumes the same growth for wider windows, which errs towards silence. The buckets'
autocorrelation, summed with Bartlett's weights, tells whether there is any: in a cycle it averages out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.reference.dispersion import ONE_SIDED, inflate_variance, stands_out
from omloop.core import NumberArray

WIDE = 4
"""Buckets of a wide window: wider windows show a power better, but forty buckets then give fewer of them."""
LAGS = 8
"""How many earlier buckets to look at: as many as two wide windows."""
MOST = 8.0
"""The most memory it assumes for a wandering mean: with more it would see nothing at all."""
_BUCKETS = 40.0  # as many as calibrate, see `omloop.drift.spread.LEARNED`
_SURE = ONE_SIDED  # standard errors, as of the dispersion of wide buckets
_LEAST = 8 * WIDE  # of fewer buckets there are too few wide ones


def memories(buckets: Sequence[NumberArray], scores: Sequence[NumberArray | None]) -> NDArray[np.float64]:
    """The power of each column, 0 to 1, from its counts of shape (buckets, cells) in the order of time.

    It is that of the mean score, for a column with a score for each of its cells, else that of all cells. It is 0
    where the buckets differ no more than chance explains, and where they do not resemble those before them.
    Few buckets may not show what there is: one that differs more takes the mean of all such columns at least.

    >>> chance = np.random.default_rng(0)
    >>> level = np.repeat([100, 150, 90, 140], 10)
    >>> wandering = chance.poisson(np.stack([level, 240 - level], axis=1))
    >>> memories([wandering, chance.poisson(120, (40, 2))], [None, None]).round(1).tolist()
    [0.8, 0.0]
    """
    read = [_read(*_series(np.asarray(c, np.float64), s)) for c, s in zip(buckets, scores, strict=True)]
    found = np.array([0.0 if memory is None else memory for memory in read], np.float64)
    restless = np.array([memory is not None for memory in read], np.bool_)
    return np.where(restless, np.maximum(found, found[restless].mean() if restless.any() else 0.0), 0.0)


def grown(memory: NumberArray | float, buckets: NumberArray | float) -> NDArray[np.float64]:
    """How much larger the dispersion of windows of that many buckets is than that of single buckets.

    Buckets with memory also tell less of it: n of them tell as much as n to the power 1 - memory independent ones. The
    fewer those are, the heavier the tails of the ratio (`inflate_variance`). It assumes 40 buckets.
    """
    power = np.asarray(memory, np.float64)
    doubt = inflate_variance(0.0, 2 / _BUCKETS ** (1 - power)) / inflate_variance(0.0, 2 / _BUCKETS)
    return np.asarray(np.minimum(doubt, MOST) * np.asarray(buckets, np.float64) ** power)


def memory_of_means(means: NDArray[np.float64]) -> float:
    """The same of means of independent numbers, times the root of how many they are of; shape (buckets, numbers)."""
    return _read(means, np.ones(means.shape[1])) or 0.0


def _series(counts: NDArray[np.float64], scores: NumberArray | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One or several numbers of each bucket, and the variance that they have in independent rows."""
    if scores is None:
        return counts, np.maximum(counts.mean(axis=0), 1.0)
    scored = counts[:, : len(scores)]
    total = scored.sum(axis=0)
    centred = scores - np.average(scores, weights=total) if total.any() else np.asarray(scores)
    return scored @ centred[:, None], np.array([max(1e-9, (total @ centred**2) / len(counts))])


def _read(values: NDArray[np.float64], usual: NDArray[np.float64]) -> float | None:
    """The memory of some numbers alone; None where they differ no more than chance explains."""
    if len(values) < _LEAST or not values.size:
        return None
    narrow = _ratio(values, usual)
    wide = WIDE * _ratio(values[: len(values) // WIDE * WIDE].reshape(-1, WIDE, values.shape[1]).mean(axis=1), usual)
    of_narrow, of_wide = len(values) - 1, len(values) // WIDE - 1
    restless = stands_out(np.array(narrow), of_narrow) or stands_out(np.array(wide), of_wide)
    alike, weights = _alike(values), 1 - np.arange(1, LAGS + 1) / (LAGS + 1)
    wanders = weights @ (alike + 1 / len(values)) > _SURE * np.sqrt(weights @ weights / len(values))
    if not restless:
        return None
    if not wanders:
        return 0.0
    ages = np.arange(1, WIDE)
    explained = 1 + 2 * float((1 - ages / WIDE) @ max(0.0, float(alike[0])) ** ages)
    return float(np.clip(np.log(max(explained, wide / max(narrow, 1e-9))) / np.log(WIDE), 0.0, 1.0))


def _alike(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much a bucket resembles those before it: the autocorrelation of all numbers together, of `LAGS` lags."""
    apart = values - values.mean(axis=0)
    products = np.array([(apart[lag:] * apart[:-lag]).sum() for lag in range(1, LAGS + 1)])
    return np.asarray(products / max(1e-300, float((apart**2).sum())))


def _ratio(values: NDArray[np.float64], usual: NDArray[np.float64]) -> float:
    """The variance between buckets, divided by that of independent rows."""
    return float((values.var(axis=0, ddof=1) / usual).mean())
