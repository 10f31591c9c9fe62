"""How far two samples are apart, whatever chance has to do with it: effect sizes, never a verdict."""

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

SMOOTHING = 0.5
"""Rows to add to each cell: Jeffreys' prior, and small beside a window of 100."""


def psi(reference: NumberArray, live: NumberArray, smoothing: float = SMOOTHING) -> NDArray[np.float64]:
    """The population stability index: the sum of (q - p) ln(q / p) over the cells; (cells,), (..., cells) to (...).

    It adds `smoothing` rows to every cell that either sample has, so that an empty cell is far, not infinitely far (0.5
    is Jeffreys' prior). It is the symmetric Kullback-Leibler divergence: 0 for equal shares, and about d² for a normal
    column whose mean moves by d standard deviations. From small samples it is large without any drift.

    >>> psi(np.array([5000, 5000]), np.array([[500, 500], [600, 400]])).round(3)
    array([0.  , 0.04])
    """
    used = (reference + live) > 0
    before, after = (_shares(np.where(used, counts + smoothing, 0.0)) for counts in (reference, live))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(used, (after - before) * np.log(after / before), 0.0).sum(axis=-1))


def jensen_shannon(reference: NumberArray, live: NumberArray) -> NDArray[np.float64]:
    """The Jensen-Shannon distance, from 0 for equal shares to 1 for shares without a common cell; shapes as `psi`.

    The square root of the mean divergence of both from their middle, to base 2 (Endres and Schindelin 2003, IEEE Trans.
    Inf. Theory 49, 1858), as scipy.spatial.distance.jensenshannon has it.

    >>> jensen_shannon(np.array([1, 0]), np.array([[5, 0], [0, 3]]))
    array([0., 1.])
    """
    before, after = np.broadcast_arrays(_shares(reference), _shares(live))
    middle = (before + after) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(share > 0, share * np.log2(share / middle), 0.0) for share in (before, after)]
    return np.asarray(np.sqrt(np.maximum(0.0, (parts[0] + parts[1]).sum(axis=-1) / 2)))


def wasserstein(reference: NumberArray, live: NumberArray, places: NumberArray) -> NDArray[np.float64]:
    """The earth mover's distance, with each cell's rows at its place; `places` of shape (cells,), rising.

    The area between the two cumulated shares, as scipy.stats.wasserstein_distance has it: how far a row moves on
    average, in the unit of `places`. Shapes as `psi`.

    >>> wasserstein(np.array([1, 0, 0]), np.array([0, 1, 1]), np.array([0.0, 1.0, 3.0]))
    array(2.)
    """
    apart = np.cumsum(_shares(reference) - _shares(live), axis=-1)[..., :-1]
    return np.asarray((np.abs(apart) * np.diff(places)).sum(axis=-1))


def _shares(counts: NumberArray) -> NDArray[np.float64]:
    total = np.sum(counts, axis=-1, keepdims=True)
    return np.asarray(counts / np.maximum(total, 1e-300), np.float64)
