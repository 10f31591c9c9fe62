"""Whether confidence holds: how often answers are right that say how sure they are, and numbers within intervals."""

import math

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.confidence import ReliabilityBin
from omloop.core import Estimate, NumberArray

BINS = 15
"""Bins of equal mass, as many as Guo et al. take (ICML 2017)."""
LEAST_IN_BIN = 10
"""Answers of a bin; of fewer than 150 there are fewer bins."""
DRAWS = 200
"""Tests that are made up to see what chance alone gives."""
NORMAL = 1.959964
"""Standard errors on either side that hold 95 % of a normal distribution."""


def reliability(sure: NumberArray, right: NumberArray, bins: int = BINS) -> list[ReliabilityBin]:
    """How often answers were right, by how sure they were, in bins of equal mass, of ten answers at least.

    Answers that are equally sure share a bin.

    >>> found = reliability(np.repeat([0.5, 1.0], 10), np.arange(20) % 5 > 0)
    >>> [(one.rows, one.sure, one.right) for one in found]
    [(10, 0.5, 0.8), (10, 1.0, 0.8)]
    """
    order = np.argsort(sure, kind="stable")
    bins = max(1, min(bins, len(order) // LEAST_IN_BIN))
    parts = np.split(order, _cuts(sure[order], bins)) if len(order) else []
    return [
        ReliabilityBin(
            float(sure[rows].min()),
            float(sure[rows].max()),
            len(rows),
            float(sure[rows].mean()),
            float(right[rows].mean()),
        )
        for rows in parts
    ]


def _cuts(ordered: NumberArray, bins: int) -> list[int]:
    """Where bins begin among ordered values, without the first: never between equal ones."""
    even = np.arange(1, bins) * len(ordered) // bins
    starts = np.searchsorted(ordered, ordered[even], "left")
    return sorted({int(start) for start in starts if start > 0})


def calibration_error(sure: NumberArray, right: NumberArray, bins: int = BINS) -> float:
    """The expected calibration error: the mean distance of how right from how sure, over bins of equal mass.

    NaN without answers.

    >>> round(calibration_error(np.full(100, 0.7), np.arange(100) < 90), 9)
    0.2
    """
    found = reliability(sure, right, bins)
    if not found:
        return float("nan")
    return sum(one.rows * abs(one.sure - one.right) for one in found) / sum(one.rows for one in found)


def calibration_error_of(truth: NumberArray, outputs: NumberArray) -> float:
    """The expected calibration error of the most probable class, of probabilities of shape (n, classes)."""
    return calibration_error(outputs.max(axis=1), (outputs.argmax(axis=1) == truth).astype(np.float64))


def calibration_error_by_chance(sure: NumberArray, *, seed: int, bins: int = BINS) -> float:
    """The mean calibration error of answers that are each right exactly as often as they say.

    It is above 0 because bins are small; an error of this size says nothing against the answers (Bröcker and Smith,
    Weather and Forecasting 22, 2007).
    """
    random = np.random.default_rng(seed)
    if not len(sure):
        return float("nan")
    draws = [calibration_error(sure, (random.random(len(sure)) < sure).astype(np.float64), bins) for _ in range(DRAWS)]
    return float(np.mean(draws))


def share(hits: NDArray[np.bool_]) -> Estimate:
    """The share that is true, with Wilson's 95 % interval (JASA 22, 1927); NaN of none.

    >>> print(share(np.arange(100) < 90))
    0.900 [0.826, 0.945]
    """
    rows = len(hits)
    if not rows:
        return Estimate(float("nan"), float("nan"), float("nan"))
    found, square = float(np.mean(hits)), NORMAL**2
    centre = (found + square / (2 * rows)) / (1 + square / rows)
    half = NORMAL / (1 + square / rows) * math.sqrt(found * (1 - found) / rows + square / (4 * rows**2))
    return Estimate(found, max(0.0, centre - half), min(1.0, centre + half))
