"""Pearson's chi-squared test that two samples fall into the same cells equally often."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from omloop.drift.pool import pooled


def chi_squared(reference: NDArray[Any], live: NDArray[Any]) -> tuple[float, float]:
    """Return (statistic, p-value) of the test of homogeneity; both arguments are counts of shape (cells,).

    Scarce cells are pooled first. With fewer than two cells left, or an empty sample, there is nothing to tell apart:
    the answer is (0, 1). Pearson (1900); the tail is scipy.special.chdtrc.

    >>> chi_squared(np.array([50, 50]), np.array([50, 50]))
    (0.0, 1.0)
    >>> chi_squared(np.array([50, 50]), np.array([90, 10]))[1] < 1e-8
    True
    """
    table = np.array([reference, live], np.float64)
    if not table.sum(axis=1).all():
        return 0.0, 1.0
    table = pooled(table)
    rows, cells = table.sum(axis=1), table.sum(axis=0)
    if len(cells) < 2:
        return 0.0, 1.0
    expected = np.outer(rows, cells) / rows.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return statistic, float(chdtrc(len(cells) - 1, statistic))
