"""The paired bootstrap: how much better one model is than another on the same rows, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray
from omloop.promote.case import Case, MetricFunction

_DRAWS_AT_ONCE = 1_000_000
"""Row indices drawn in one batch: 4 MB, whatever the number of rows."""


@dataclass(frozen=True)
class Gain:
    """How much better the candidate is, in the metric's own unit, with an interval; negative means worse.

    `value` is NaN, and the interval endless, where the metric has no value.
    """

    value: float
    low: float
    high: float


def compare(case: Case, *, resamples: int = 2000, confidence: float = 0.95) -> Gain:
    """The gain of the candidate over the champion by the outputs of both for the same rows, with its interval.

    It draws rows with replacement `resamples` times, the same rows for both models, and takes the metric's difference
    each time. Rows that share a name in the case's `clusters` depend on each other: the bootstrap draws them together,
    and they count as one. Source: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8.

    Of two intervals it takes the wider end, on either side. The first holds the middle `confidence` of the differences,
    and a little more with few rows (see `tail`). Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
    chapters 8 and 13. The second reaches as many standard errors to either side as Student's t says. If the gain
    depends on a few large errors, the first is too narrow at the end that matters, and their spread shows it. A draw on
    which the metric has no value widens the interval at both ends. Exchanging the two models turns the sign of
    everything, exactly.
    """
    truth, candidate, champion, clusters = case.truth, case.candidate, case.champion, case.clusters
    units = len(truth) if clusters is None else len(np.unique(clusters))
    if units < 2:
        return Gain(math.nan, -math.inf, math.inf)
    with np.errstate(all="ignore"):
        value = gain_of(case.metric, truth, candidate, champion, case.theirs)
        if not math.isfinite(value):
            return Gain(math.nan, -math.inf, math.inf)
        draws = (
            _rows(len(truth), case.seed, resamples)
            if units == len(truth)
            else _clustered(clusters, case.seed, resamples)
        )
        drawn = (gain_of(case.metric, truth[draw], candidate[draw], champion[draw], case.theirs) for draw in draws)
        gains = np.fromiter(drawn, np.float64, resamples)
    low, high = _interval(gains, tail(confidence, units))
    half = student((1 + confidence) / 2, units - 1) * _spread(gains) * math.sqrt(units / (units - 1))
    return Gain(value, min(low, value - half), max(high, value + half))


def tail(confidence: float, rows: int) -> float:
    """The share of draws to leave out at either end, for an interval of `confidence` over `rows` rows.

    The plain percentile interval is too narrow for few rows. It takes Student's t as normal, and divides the spread by
    n instead of n - 1. The expanded percentile interval makes up for both (Hesterberg, What Teachers Should Know About
    the Bootstrap, The American Statistician 69, 2015).

    >>> [round(tail(0.95, rows), 4) for rows in (20, 100, 10_000)]
    [0.0159, 0.0231, 0.025]
    """
    return NormalDist().cdf(-student((1 + confidence) / 2, rows - 1) * math.sqrt(rows / (rows - 1)))


def student(share: float, freedom: int) -> float:
    """The quantile of Student's t below which `share` of it lies, for `freedom` degrees of freedom.

    It comes from the normal one by the first three terms of its expansion (Abramowitz and Stegun, 1964, 26.7.5).

    >>> [round(student(0.975, freedom), 2) for freedom in (10, 100, 10_000)]
    [2.23, 1.98, 1.96]
    """
    z = NormalDist().inv_cdf(share)
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def gain_of(
    metric: MetricFunction,
    truth: NumberArray,
    candidate: NumberArray,
    champion: NumberArray,
    theirs: MetricFunction | None = None,
) -> float:
    """How much better the candidate scores, negative where it is worse; NaN where the metric has no value."""
    gain = float(metric(truth, candidate)) - float((theirs or metric)(truth, champion))
    return gain if metric.higher_is_better else -gain


def _rows(rows: int, seed: int, resamples: int) -> Iterator[NDArray[np.int32]]:
    """Positions of rows drawn with replacement, `resamples` times; each of shape (rows,)."""
    random = np.random.default_rng(seed)
    batch = max(1, _DRAWS_AT_ONCE // rows)
    for start in range(0, resamples, batch):
        yield from random.integers(0, rows, (min(batch, resamples - start), rows), np.int32)


def _clustered(clusters: NDArray[np.generic] | None, seed: int, resamples: int) -> Iterator[NDArray[np.int64]]:
    """Positions of the rows of as many clusters as there are, drawn with replacement, `resamples` times."""
    _, member, sizes = np.unique(np.asarray(clusters), return_inverse=True, return_counts=True)
    rows, firsts = np.argsort(member, kind="stable"), np.cumsum(sizes) - sizes
    for picked in _rows(len(sizes), seed, resamples):
        size = sizes[picked]
        shift = firsts[picked] - (np.cumsum(size) - size)
        yield rows[np.repeat(shift, size) + np.arange(size.sum())]


def _interval(gains: NDArray[np.float64], share: float) -> tuple[float, float]:
    """The gains that leave out the same number, `share` of them, at either end: turning the sign turns the interval."""
    left_out = int(share * (len(gains) - 1))
    undefined = ~np.isfinite(gains)
    low = np.sort(np.where(undefined, -np.inf, gains))[left_out]
    high = np.sort(np.where(undefined, np.inf, gains))[len(gains) - 1 - left_out]
    return float(low), float(high)


def _spread(gains: NDArray[np.float64]) -> float:
    """The standard deviation of the finite gains; infinite where there are none."""
    defined = gains[np.isfinite(gains)]
    return float(defined.std()) if len(defined) else math.inf
