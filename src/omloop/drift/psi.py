"""The population stability index: how far two samples' shares in the same cells are apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.5


def psi(reference: NDArray[Any], live: NDArray[Any], smoothing: float = SMOOTHING) -> float:
    """Return the sum of (q - p) ln(q / p) over the cells; both arguments are counts of shape (cells,).

    `smoothing` rows are added to every cell that either sample has, so that an empty cell is far, not infinitely far
    (0.5 is Jeffreys' prior). It is the symmetric Kullback-Leibler divergence: an effect size, 0 for equal shares, and
    about d² for a normal column whose mean moves by d standard deviations. By itself it says nothing of chance: from
    small samples it is large without any drift.

    >>> psi(np.array([50, 50]), np.array([500, 500]))
    0.0
    >>> round(psi(np.array([5000, 5000]), np.array([6000, 4000])), 3)
    0.041
    """
    used = (reference + live) > 0
    if not used.any():
        return 0.0
    before, after = _shares(reference[used], smoothing), _shares(live[used], smoothing)
    return float(((after - before) * np.log(after / before)).sum())


def _shares(counts: NDArray[Any], smoothing: float) -> NDArray[np.float64]:
    smoothed = counts + smoothing
    return np.asarray(smoothed / smoothed.sum(), np.float64)
