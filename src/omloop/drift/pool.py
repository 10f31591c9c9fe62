"""Cells that hold too few rows for the limits that the chi-squared test relies on, and their pooling."""

import numpy as np

from omloop.core import NumberArray

LEAST_EXPECTED = 12.0
"""Fewer expected rows than this are too few.

Cochran (1954), "Some methods for strengthening the common χ² tests", asks for 5 at the usual levels of 5 and 1 %; the
tail at one in a million needs more.
"""


def pool_cells(
    reference: NumberArray, live: NumberArray, rows: float, least: float = LEAST_EXPECTED
) -> tuple[NumberArray, NumberArray]:
    """Merge neighbouring cells until each expects `least` of `rows` live rows; (cells,), (..., cells) to fewer.

    It expects the reference's share alone, so that the choice does not depend on the live rows.

    >>> pool_cells(np.array([50, 1, 1, 48]), np.array([40, 5, 5, 50]), rows=100)
    (array([50, 50]), array([40, 60]))
    """
    expected = reference * (rows / max(1e-9, float(reference.sum())))
    starts, held = [0], 0.0
    for cell, more in enumerate(expected):
        if held >= least:
            starts.append(cell)
            held = 0.0
        held += more
    if held < least and len(starts) > 1:  # what is left over joins the last
        starts.pop()
    return np.add.reduceat(reference, starts), np.add.reduceat(live, starts, axis=-1)
