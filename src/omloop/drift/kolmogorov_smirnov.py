"""The two-sample Kolmogorov-Smirnov test on counts in ordered cells."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import kolmogorov


def kolmogorov_smirnov(reference: NDArray[Any], live: NDArray[Any]) -> tuple[float, float]:
    """Return (statistic, p-value); both arguments are counts of shape (cells,), the cells in the order of their values.

    The statistic is the largest distance between the two cumulated shares at a cell's limit. Values within a cell are
    not told apart, so it is never larger than on the values themselves and the p-value never smaller: the test errs
    towards silence. The p-value is Kolmogorov's limit at sqrt(n m / (n + m)) times the statistic (Smirnov 1948). With
    an empty sample the answer is (0, 1).

    >>> kolmogorov_smirnov(np.array([10, 10]), np.array([20, 20]))
    (0.0, 1.0)
    >>> kolmogorov_smirnov(np.array([100, 0]), np.array([0, 100]))[1] < 1e-40
    True
    """
    rows, live_rows = int(reference.sum()), int(live.sum())
    if not rows or not live_rows:
        return 0.0, 1.0
    statistic = float(np.abs(np.cumsum(reference) / rows - np.cumsum(live) / live_rows).max())
    effective = rows * live_rows / (rows + live_rows)
    return statistic, float(kolmogorov(np.sqrt(effective) * statistic))
