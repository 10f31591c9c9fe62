"""The paired bootstrap: how much better one model is than another on the same rows, and how sure that is."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_DRAWS_AT_ONCE = 1_000_000
"""Row indices drawn in one batch: 4 MB, whatever the number of rows."""


class Metric(Protocol):
    """A number that says how well outputs fit the truth; NaN where it is not defined."""

    @property
    def name(self) -> str:
        """What people call it, such as `r2`."""

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger number is a better one."""

    def __call__(self, truth: NDArray[Any], outputs: NDArray[Any]) -> float:
        """The metric of `outputs`, shape (n,) or (n, classes), against `truth`, shape (n,)."""


@dataclass(frozen=True)
class Gain:
    """How much better the candidate is, in the metric's own unit, with an interval; negative means worse.

    `value` is NaN, and the interval endless, where the metric is not defined.
    """

    value: float
    low: float
    high: float


def compare(
    metric: Metric,
    truth: NDArray[Any],
    candidate: NDArray[Any],
    champion: NDArray[Any],
    *,
    seed: int,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Gain:
    """The gain of `candidate` over `champion`, the outputs of both for the same rows, with its percentile interval.

    Rows are drawn with replacement `resamples` times, the same rows for both models, and the metric's difference is
    taken each time; the interval holds the middle `confidence` of those differences (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapters 8 and 13), and a little more when rows are few (see `tail`). A draw
    on which the metric is not defined widens the interval at both ends. Exchanging the two models turns the sign of
    everything, exactly.
    """
    if len(truth) < 2:
        return Gain(math.nan, -math.inf, math.inf)
    with np.errstate(all="ignore"):
        value = _gain(metric, truth, candidate, champion)
        if not math.isfinite(value):
            return Gain(math.nan, -math.inf, math.inf)
        gains = _resampled(metric, truth, candidate, champion, seed=seed, resamples=resamples)
    return Gain(value, *_interval(gains, tail(confidence, len(truth))))


def tail(confidence: float, rows: int) -> float:
    """The share of draws to leave out at either end, for an interval of `confidence` over `rows` rows.

    The plain percentile interval is too narrow for few rows: it is as if Student's t were normal and the spread were
    divided by n instead of n - 1. The expanded percentile interval makes up for both (Hesterberg, What Teachers Should
    Know About the Bootstrap, The American Statistician 69, 2015). Student's quantile is taken from the normal one by
    the first three terms of its expansion (Abramowitz and Stegun, 1964, 26.7.5).

    >>> [round(tail(0.95, rows), 4) for rows in (20, 100, 10_000)]
    [0.0159, 0.0231, 0.025]
    """
    normal = NormalDist()
    z, freedom = normal.inv_cdf((1 + confidence) / 2), rows - 1
    student = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return normal.cdf(-student * math.sqrt(rows / freedom))


def _gain(metric: Metric, truth: NDArray[Any], candidate: NDArray[Any], champion: NDArray[Any]) -> float:
    gain = float(metric(truth, candidate)) - float(metric(truth, champion))
    return gain if metric.higher_is_better else -gain


def _resampled(
    metric: Metric,
    truth: NDArray[Any],
    candidate: NDArray[Any],
    champion: NDArray[Any],
    *,
    seed: int,
    resamples: int,
) -> NDArray[np.float64]:
    """The gain on each of `resamples` draws of rows; shape (resamples,)."""
    random = np.random.default_rng(seed)
    rows = len(truth)
    batch = max(1, _DRAWS_AT_ONCE // rows)
    gains = np.empty(resamples)
    for start in range(0, resamples, batch):
        draws = random.integers(0, rows, (min(batch, resamples - start), rows), np.int32)
        for offset, draw in enumerate(draws):
            gains[start + offset] = _gain(metric, truth[draw], candidate[draw], champion[draw])
    return gains


def _interval(gains: NDArray[np.float64], share: float) -> tuple[float, float]:
    """The gains that leave out the same number, `share` of them, at either end: turning the sign turns the interval."""
    left_out = int(share * (len(gains) - 1))
    undefined = ~np.isfinite(gains)
    low = np.sort(np.where(undefined, -np.inf, gains))[left_out]
    high = np.sort(np.where(undefined, np.inf, gains))[len(gains) - 1 - left_out]
    return float(low), float(high)
