"""Scoring outputs: every metric with a confidence interval, over all rows and by slice."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Estimate, Report
from omloop.evaluate.metrics import Metric, metric

RESAMPLES = 1000
SLICE_RESAMPLES = 200


def estimate(
    score: Metric, truth: NDArray[Any], outputs: NDArray[Any], *, seed: int, resamples: int = RESAMPLES
) -> Estimate:
    """A metric with its 95 % percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    >>> estimate(metric("mae"), np.zeros(50), np.ones(50), seed=0)
    Estimate(value=1.0, low=1.0, high=1.0)
    """
    draw = np.random.default_rng(seed)
    size = len(truth)
    scores = np.empty(resamples)
    for index in range(resamples):
        rows = draw.integers(0, size, size)
        scores[index] = score(truth[rows], outputs[rows])
    low, high = np.quantile(scores, [0.025, 0.975])
    return Estimate(score(truth, outputs), float(low), float(high))


def evaluate(
    truth: NDArray[Any],
    outputs: NDArray[Any],
    names: Sequence[str],
    *,
    part: str = "test",
    slices: Mapping[str, NDArray[Any]] | None = None,
    seed: int = 0,
) -> Report:
    """Score `outputs` against `truth` by the metrics called `names`, over all rows and in each group of each slice."""
    scores = [metric(name) for name in names]

    def of(rows: NDArray[Any], resamples: int) -> dict[str, Estimate]:
        return {m.name: estimate(m, truth[rows], outputs[rows], seed=seed, resamples=resamples) for m in scores}

    groups = {
        name: {str(group): of(np.flatnonzero(values == group), SLICE_RESAMPLES) for group in np.unique(values)}
        for name, values in (slices or {}).items()
    }
    return Report(part, len(truth), of(np.arange(len(truth)), RESAMPLES), groups)
