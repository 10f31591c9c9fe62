"""Scoring outputs: every metric with a confidence interval, over all rows and by slice."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import Estimate, Metric, NumberArray, Report

RESAMPLES = 1000
"""25 draws lie beyond either end of 95 %. Efron and Tibshirani (1993) ask for a thousand at least."""
SLICE_RESAMPLES = 200
"""Five beyond either end: there may be a hundred slices, and none is decided by."""
_DRAWS_AT_ONCE = 100_000
"""Row numbers drawn in one call: 0.8 MB. A call takes longer than to draw a hundred."""
MANY = 20_000
"""Rows from which on whole parts are drawn as often as slices: intervals are narrow, and each draw takes long."""


def estimate(
    score: Metric, truth: NumberArray, outputs: NumberArray, *, seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """A metric with its 95 % percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    It leaves out resamples on which the metric has no value, such as the area under a curve on rows of one class. Where
    the metric has no value on all rows, every number is NaN.

    >>> from omloop.evaluate.named import FOR_NUMBERS
    >>> estimate(FOR_NUMBERS["mae"], np.zeros(50), np.ones(50), seed=0)
    Estimate(value=1.0, low=1.0, high=1.0)
    """
    value = score(truth, outputs)
    if not np.isfinite(value):
        return Estimate(float("nan"), float("nan"), float("nan"))
    drawn = (score(truth[rows], outputs[rows]) for rows in _rows(len(truth), seed, resamples))
    return Estimate(value, *middle(np.fromiter(drawn, np.float64, resamples)))


def _rows(size: int, seed: int, resamples: int) -> Iterator[NDArray[np.int64]]:
    """Positions of `size` rows drawn with replacement, `resamples` times; the batch size does not change them."""
    random = np.random.default_rng(seed)
    batch = max(1, _DRAWS_AT_ONCE // size)
    for start in range(0, resamples, batch):
        yield from random.integers(0, size, (min(batch, resamples - start), size))


def middle(scores: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of the middle 95 % of the finite scores; NaN where there are none."""
    defined = scores[np.isfinite(scores)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)


def evaluate(
    truth: NumberArray,
    outputs: NumberArray,
    metrics: Sequence[Metric],
    *,
    part: str = "test",
    slices: Mapping[str, NDArray[np.generic]] | None = None,
    seed: int = 0,
) -> Report:
    """Score `outputs` against `truth` by some metrics, over all rows and in each group of each slice."""

    def of(rows: NumberArray, resamples: int) -> dict[str, Estimate]:
        return {m.name: estimate(m, truth[rows], outputs[rows], seed=seed, resamples=resamples) for m in metrics}

    groups = {
        name: {str(group): of(np.flatnonzero(values == group), SLICE_RESAMPLES) for group in np.unique(values)}
        for name, values in (slices or {}).items()
    }
    resamples = RESAMPLES if len(truth) < MANY else SLICE_RESAMPLES
    return Report(part, len(truth), of(np.arange(len(truth)), resamples), groups)
