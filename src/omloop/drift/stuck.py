"""Whether a column is stuck, as from a frozen sensor or a default value: no change of the world."""

import numpy as np

from omloop.bundle import Cells
from omloop.core import NumberArray

LAST = 100
"""How many of the newest rows it looks at."""
NEARLY_ALL = 0.95
"""Less than all, so that a few other rows do not hide it."""
COMMON = 0.5
"""A value whose cell holds more of the reference may be ordinary; that of another fills 95 of 100 by 1e-22 at most."""


def stuck_at(cells: Cells, values: NumberArray) -> str:
    """The value that nearly all of the newest rows have, if the reference has many; else empty.

    `values` of shape (rows,) are one column's, oldest first; fewer than `LAST` tell nothing. An absent value is none.

    >>> cells = Cells((0.0, 1.0, 2.0, 3.0), (), (0, 40, 30, 30, 0, 0))
    >>> stuck_at(cells, np.append(np.linspace(0, 3, 50), np.full(120, 1.5)))
    '1.5'
    >>> stuck_at(cells, np.linspace(0, 3, 200))
    ''
    """
    last = np.asarray(values, np.float64)[-LAST:]
    known, times = np.unique(last[~np.isnan(last)], return_counts=True)
    if len(last) < LAST or not len(known) or times.max() < NEARLY_ALL * LAST:
        return ""
    value = float(known[times.argmax()])
    cell = int(cells.place(np.array([value]))[0])
    if cells.counts[cell] > COMMON * max(1, sum(cells.counts)):
        return ""
    return cells.categories[int(value)] if 0 <= value < len(cells.categories) else f"{value:.6g}"
