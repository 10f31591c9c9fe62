"""Fisher's exact test on scarce cells: what hardly ever occurred, such as a missing value or one out of range."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from omloop.drift.pool import scarce


def newly_common(reference: NDArray[Any], live: NDArray[Any]) -> float:
    """The p-value of the scarce cell that became common most clearly; both arguments are counts of shape (cells,).

    The chi-squared test pools scarce cells with others and so cannot see one of them grow. Here each is tested by
    itself, and the smallest p-value is multiplied by their number. It is 1 without a scarce cell, or if a sample is
    empty.

    >>> newly_common(np.array([2500, 2500, 0]), np.array([250, 250, 0]))
    1.0
    >>> newly_common(np.array([2500, 2500, 0]), np.array([244, 244, 12])) < 1e-9
    True
    """
    rows, live_rows = int(reference.sum()), int(live.sum())
    tested = np.flatnonzero(scarce(np.array([reference, live])) & (reference + live > 0))
    if not len(tested) or not rows or not live_rows:
        return 1.0
    p_values = [fisher(int(reference[cell]), int(live[cell]), rows, live_rows) for cell in tested]
    return min(1.0, min(p_values) * len(tested))


def fisher(reference: int, live: int, rows: int, live_rows: int) -> float:
    """The chance that, of the rows in a cell, as many or more than `live` are live ones, if there is no drift.

    `reference` of `rows` and `live` of `live_rows` fell in the cell. Fisher (1934); the tail of the hypergeometric
    distribution. It is exact too where the cell begins at the reference's own extreme, so that `reference` is 0 by
    construction: that the `live` outermost of all values are live ones has the very same chance.

    >>> round(fisher(0, 2, 10, 10), 6)  # 10/20 times 9/19
    0.236842
    """
    cell = reference + live
    k = np.arange(live, min(cell, live_rows) + 1)
    k = k[cell - k <= rows]
    logs = _choose(live_rows, k) + _choose(rows, cell - k) - _choose(rows + live_rows, np.array(cell))
    return min(1.0, float(np.exp(logs).sum()))


def _choose(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    """The logarithm of the binomial coefficient."""
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), np.float64)
