"""Thresholds of trees in float32, in which a graph compares."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rounded_down(exact: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest numbers in float32 that are not above `exact`: `x <= threshold` then decides alike for float32 rows.

    Rounded to the nearest, a threshold between two neighbours lies on the upper one at times, which then goes with the
    lower.

    >>> rounded_down(np.array([0.5, 0.1])).tolist()
    [0.5, 0.09999999403953552]
    """
    near: NDArray[Any] = exact.astype(np.float32)
    return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
