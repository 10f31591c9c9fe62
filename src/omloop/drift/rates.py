"""The test of one cell's rate: whether what hardly ever occurred, such as a missing value, has become common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from omloop.core import NumberArray


def risen(
    reference: NumberArray | float,
    live: NumberArray | float,
    rows: NumberArray | float,
    live_rows: NumberArray | float,
    dispersion: NumberArray | float = 1.0,
) -> NDArray[np.float64]:
    """The chance that at least this many of the rows in a cell are live, if its rate has not risen.

    `reference` of `rows` and `live` of `live_rows` fell in the cell; all broadcast. Given their sum, the live ones are
    binomial with the share live_rows / (rows + live_rows): the conditional test of two Poisson rates (Przyborowski and
    Wilenski 1940, Biometrika 31, 313). It holds for any number of rows, however small, and for a common cell errs
    towards silence. A dispersion divides the counts; the incomplete beta function takes fractions of a row. It is exact
    even if the cell begins at the reference's own extreme, so that `reference` is 0 by construction.

    >>> round(float(risen(0, 2, 10, 10)), 6)  # two of two
    0.25
    """
    seen, known = np.asarray(live) / dispersion, np.asarray(reference) / dispersion
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.asarray(rows) + live_rows > 0, live_rows / (np.asarray(rows) + live_rows), 1.0)
    return np.where(seen > 0, betainc(np.maximum(seen, 1e-9), known + 1, share), 1.0)
