"""The two-sample Kolmogorov-Smirnov test on counts in ordered cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import kolmogorov

from omloop.core import NumberArray


def kolmogorov_smirnov(
    reference: NumberArray, live: NumberArray, dispersion: NumberArray | float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (statistic, p-value), each of shape (...); the cells are in the order of their values.

    `reference` are counts of shape (cells,), `live` counts of shape (..., cells), `dispersion` broadcasts to (...). The
    statistic D is the largest distance between the two cumulated shares at a cell's limit. Cells do not tell their
    values apart. So D is never larger than on the values themselves, and the p-value never smaller: the test errs
    towards silence. The p-value is Kolmogorov's limit at sqrt(n m / (n + m) / dispersion) times D (Smirnov 1948). That
    is a bound for one sample of any size (Massart 1990, Ann. Probab. 18, 1269). With an empty sample it is (0, 1).

    >>> statistic, p_value = kolmogorov_smirnov(np.array([100, 0]), np.array([[20, 0], [0, 100]]))
    >>> statistic, p_value < 1e-40
    (array([0., 1.]), array([False,  True]))
    """
    rows, live_rows = np.sum(reference), np.sum(live, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.cumsum(reference) / rows - np.cumsum(live, axis=-1) / live_rows[..., None]
        statistic = np.where(rows * live_rows > 0, np.abs(apart).max(axis=-1), 0.0)
        effective = np.where(rows * live_rows > 0, rows * live_rows / (rows + live_rows), 0.0)
    return statistic, np.asarray(kolmogorov(np.sqrt(effective / dispersion) * statistic))
