"""The test of a number's location: by how many standard deviations its values have moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from omloop.core import NumberArray

_STEPS = 12
"""Of Newton's method: of means up to three standard deviations away eight digits stand still by then."""
_STEEPEST = 40.0
"""The largest tilt: by then the outermost cell has nearly all of the mass."""
_NEAR = 0.1
"""The formula has a hole at 0, where it takes the difference of two large numbers, and the normal limit is good."""
_INSIDE = 0.999
"""The share of the way to an outermost score: a mean of that score itself has no finite tilt."""


def shift(
    reference: NumberArray, live: NumberArray, scores: NumberArray, dispersion: NumberArray | float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (shift, two-sided p-value), each of shape (...).

    `reference` are counts of shape (cells,), `live` counts of shape (..., cells), `scores` one number a cell,
    `dispersion` broadcasts to (...). The shift is the difference of the mean scores: a linear rank test (van der
    Waerden 1952), the most sensitive to a shift. With normal scores it is in standard deviations of a normal column.
    The tail is that of the mean of n m / (n + m) / dispersion draws from the reference, by the saddlepoint
    approximation (Lugannani and Rice 1980, Adv. Appl. Probab. 12, 475). It is exact to some percent far out in the tail
    and for few rows; the normal limit is not. With an empty sample, or all of the reference in one cell, it is (0, 1).

    >>> moved, p_value = shift(np.array([500, 500]), np.array([[50, 50], [10, 90]]), np.array([-0.8, 0.8]))
    >>> moved.round(2), p_value < 1e-10
    (array([-0.  ,  0.64]), array([False,  True]))
    """
    rows, live_rows = float(np.sum(reference)), np.sum(live, axis=-1, dtype=np.float64)
    if not rows or np.count_nonzero(reference) < 2:
        return np.zeros(live_rows.shape), np.ones(live_rows.shape)
    chances = np.asarray(reference, np.float64) / rows
    centred = np.asarray(scores, np.float64) - chances @ scores
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = np.where(live_rows > 0, live @ centred / live_rows, 0.0)
    effective = np.asarray(rows * live_rows / (rows + live_rows) / dispersion)
    return moved, np.where(live_rows > 0, _tail(moved, effective, chances, centred), 1.0)


def _tail(mean: NumberArray, rows: NumberArray, chances: NumberArray, scores: NumberArray) -> NDArray[np.float64]:
    """The chance that a mean of that many draws is as far from 0, on either side; `scores` have the mean 0."""
    used = chances > 0
    chances, scores = chances[used], scores[used]
    variance = chances @ scores**2
    inside = np.clip(mean, scores.min() * _INSIDE, scores.max() * _INSIDE)
    tilt = np.clip(inside / variance, -_STEEPEST, _STEEPEST)
    for _ in range(_STEPS):  # Newton's method for the tilt under which the mean is what it is
        first, second, _ = _cumulants(tilt, chances, scores)
        tilt = np.clip(tilt - np.clip((first - inside) / second, -1.0, 1.0), -_STEEPEST, _STEEPEST)
    _, second, log = _cumulants(tilt, chances, scores)
    w = np.sign(tilt) * np.sqrt(np.maximum(0.0, 2 * rows * (tilt * inside - log)))
    u = tilt * np.sqrt(rows * second)
    near = np.abs(w) < _NEAR
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.exp(-(w**2) / 2) / np.sqrt(2 * np.pi)
        one_side = ndtr(-np.abs(w)) + density * (1 / np.abs(u) - 1 / np.abs(w))
    return np.asarray(np.clip(2 * np.where(near, ndtr(-np.abs(w)), one_side), 0.0, 1.0))


def _cumulants(
    tilt: NumberArray, chances: NumberArray, scores: NumberArray
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of one draw under an exponential tilt, and the cumulant generating function there."""
    raised = tilt[..., None] * scores
    highest = raised.max(axis=-1, keepdims=True)
    weights = chances * np.exp(raised - highest)
    total = weights.sum(axis=-1)
    first = weights @ scores / total
    second = np.maximum(weights @ scores**2 / total - first**2, 1e-12)
    return first, second, np.log(total) + highest[..., 0]
