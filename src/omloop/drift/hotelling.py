"""Hotelling's T²: whether the mean of many numbers together has moved."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc


def hotelling(
    apart: NDArray[Any],
    rows: float,
    live_rows: NDArray[Any] | float,
    dispersion: NDArray[Any] | float = 1.0,
    kurtosis: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (T², p-value), each of shape (...).

    `apart` of shape (..., directions) is the difference of the live mean from that of the reference in numbers that are
    independent and of variance 1 there, estimated from its `rows`; `live_rows` and `dispersion` broadcast to (...).
    T² = n m / (n + m) |apart|² / dispersion, with the reference's own covariance and sampling error. In normal numbers
    T² (m - k) / (k (m - 1)) has an F distribution of k and m - k degrees of freedom (Hotelling 1931, Ann. Math.
    Stat. 2, 360). Means of others vary more: with Mardia's `kurtosis` (1970, Biometrika 57, 519), less that of normal
    numbers, T² of n rows has a variance larger by 1 + kurtosis / (2 k n), and so fewer degrees of freedom
    (Satterthwaite 1946, Biometrics Bull. 2, 110). With no live rows, or too few others, it is (0, 1).

    >>> statistic, p_value = hotelling(np.array([[0.0, 0.0], [0.3, 0.4]]), 10_000, np.array([100, 100]))
    >>> statistic.round(1), p_value < 1e-5
    (array([ 0. , 24.8]), array([False,  True]))
    """
    directions, live_rows = np.shape(apart)[-1], np.asarray(live_rows, np.float64)
    if rows <= directions + 1 or not directions:
        return np.zeros(np.shape(apart)[:-1]), np.ones(np.shape(apart)[:-1])
    effective = np.where(live_rows > 0, rows * live_rows / (rows + live_rows), 0.0) / dispersion
    statistic = effective * (np.asarray(apart) ** 2).sum(axis=-1)
    ratio = statistic * (rows - directions) / (directions * (rows - 1))
    independent = np.maximum(live_rows / dispersion, 1.0)
    freedom = directions / (1 + max(0.0, kurtosis) / (2 * directions * independent))
    return statistic, np.asarray(fdtrc(freedom, rows - directions, ratio))
