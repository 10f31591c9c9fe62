"""Limits of a number column that tomorrow's values stay within: rounded outwards, and left off where none is sure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

HEAVY = 10.0
"""How many times further than its 99th percentile a column's largest value may lie, from the median on."""
_STEPS = (1.0, 2.0, 5.0, 10.0)


def find_limits(numbers: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """The least and the largest value that is plausible, of the values that are there.

    Each limit lies a whole range of the values beyond them, on the next round number. Values that reach 0 and never
    pass it end there. Positive values have no lower limit where a range beyond them would be negative: nothing shows
    one. Values of a long tail have no upper limit, and 0 and 1 alone are all that a flag can be.

    >>> find_limits(np.array([1.5, 20.0, 39.0]))
    (None, 100.0)
    >>> find_limits(np.array([0.0, 1.0, 1.0]))
    (0.0, 1.0)
    """
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min()), float(known.max())
    if {low, high} <= {0.0, 1.0} and bool(np.isin(known, (0.0, 1.0)).all()):
        return 0.0, 1.0
    span = (high - low) or abs(high) or 1.0
    return _low(low, span, known), _high(high, span, known)


def _low(low: float, span: float, known: NDArray[np.float64]) -> float | None:
    if low >= 0:
        return 0.0 if low == 0 else _inwards(low - span) if low > span else None
    return None if _heavy(-known) else -_outwards(span - low)


def _high(high: float, span: float, known: NDArray[np.float64]) -> float | None:
    if high <= 0:
        return 0.0 if high == 0 else -_inwards(-high - span) if -high > span else None
    return None if _heavy(known) else _outwards(high + span)


def _heavy(known: NDArray[np.float64]) -> bool:
    middle, most = np.quantile(known, (0.5, 0.99))
    return bool(known.max() - middle > HEAVY * max(most - middle, 1e-12))


def _outwards(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten that is not smaller."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(step for step in _STEPS if value <= step * power * (1 + 1e-9)) * power:.12g}")


def _inwards(value: float) -> float:
    """The next of them that is not larger."""
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(step for step in reversed(_STEPS) if value >= step * power * (1 - 1e-9)) * power:.12g}")
