"""Pearson's chi-squared test that two samples fall into the same cells equally often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from omloop.core import NumberArray


def chi_squared(
    reference: NumberArray, live: NumberArray, dispersion: NumberArray | float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (statistic, p-value) of the test of homogeneity, each of shape (...).

    `reference` are counts of shape (cells,), `live` counts of shape (..., cells), `dispersion` broadcasts to (...). The
    test includes the reference's own sampling error: it compares both samples with their common shares. It divides the
    statistic by the dispersion, as in a quasi-likelihood (McCullagh and Nelder 1989, section 4.5). Cells that are empty
    in both have no part; with fewer than two others, or an empty sample, the answer is (0, 1). Pearson (1900); the tail
    is scipy.special.chdtrc, a limit of large samples: pool scarce cells first (`pooled`).

    >>> statistic, p_value = chi_squared(np.array([50, 50]), np.array([[50, 50], [90, 10]]))
    >>> statistic.round(2), p_value < 1e-8
    (array([ 0. , 38.1]), array([False,  True]))
    """
    reference, live = np.asarray(reference, np.float64), np.asarray(live, np.float64)
    rows, live_rows = reference.sum(), live.sum(axis=-1)
    both = reference + live
    together = rows + live_rows
    with np.errstate(divide="ignore", invalid="ignore"):
        # For two samples the sum over both of (count - expected)² / expected is this one.
        far = (live * rows - reference * live_rows[..., None]) ** 2 / both
        statistic = np.where(both > 0, far, 0.0).sum(axis=-1) / (rows * live_rows)
    freedom = np.count_nonzero(both, axis=-1) - 1
    told = (rows > 0) & (live_rows > 0) & (freedom > 0) & (together > 0)
    statistic = np.where(told, statistic, 0.0) / dispersion
    return statistic, np.where(told, chdtrc(np.maximum(freedom, 1), statistic), 1.0)
