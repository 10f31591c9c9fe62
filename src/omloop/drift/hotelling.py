"""Hotelling's T²: whether the mean of many numbers together has moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from omloop.core import NumberArray


def hotelling(
    apart: NumberArray,
    rows: NumberArray | float,
    live_rows: NumberArray | float,
    dispersion: NumberArray | float = 1.0,
    kurtosis: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (T², p-value), each of shape (...).

    `apart` of shape (..., directions) is the difference of the live mean from the reference's mean. Its numbers are
    independent and of variance 1 in the reference, estimated from its `rows`. `rows`, `live_rows` and `dispersion`
    broadcast to (...). T² = n m / (n + m) |apart|² / dispersion, with the reference's own covariance and sampling
    error. In normal numbers T² (m - k) / (k (m - 1)) has an F distribution of k and m - k degrees of freedom (Hotelling
    1931, Ann. Math. Stat. 2, 360). Means of other numbers vary more. `kurtosis` is Mardia's (1970, Biometrika 57, 519),
    minus that of normal numbers. With it, T² of n rows has a variance larger by 1 + kurtosis / (2 k n), and so fewer
    degrees of freedom (Satterthwaite 1946, Biometrics Bull. 2, 110). With no live rows, or too few others, it is (0,
    1).

    >>> statistic, p_value = hotelling(np.array([[0.0, 0.0], [0.3, 0.4]]), 10_000, np.array([100, 100]))
    >>> statistic.round(1), p_value < 1e-5
    (array([ 0. , 24.8]), array([False,  True]))
    """
    shape, directions = np.shape(apart)[:-1], np.shape(apart)[-1]
    rows, live_rows = np.asarray(rows, np.float64), np.asarray(live_rows, np.float64)
    told = np.broadcast_to((live_rows > 0) & (rows > directions + 1) & (directions > 0), shape)
    rows, many = np.maximum(rows, directions + 2), max(1, directions)
    statistic = rows * live_rows / (rows + live_rows) / dispersion * (np.asarray(apart) ** 2).sum(axis=-1)
    statistic = np.where(told, statistic, 0.0)
    ratio = statistic * (rows - directions) / (many * (rows - 1))
    independent = np.maximum(live_rows / dispersion, 1.0)
    freedom = many / (1 + max(0.0, kurtosis) / (2 * many * independent))
    return statistic, np.where(told, fdtrc(freedom, rows - directions, ratio), 1.0)
