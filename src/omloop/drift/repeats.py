"""Rows that come again: a copy says nothing that the first has not said."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

AGAIN = 1000
"""Others that must have counted before a row counts once more, so that a fleet that is scored each day is seen."""


def first_of_each(rows: Sequence[Hashable], again: int = AGAIN) -> NDArray[np.bool_]:
    """Which rows count: those that are not equal to one of the last `again` that counted; the oldest first.

    It asks for the inputs and not for the label, so that what counts is chosen before it is known how wrong it was.

    >>> first_of_each(["a", "b", "a", "c", "b"]).tolist(), first_of_each(["a", "b", "a"], again=1).tolist()
    ([True, True, False, True, False], [True, True, True])
    """
    counted: dict[Hashable, int] = {}
    number, chosen = 0, np.zeros(len(rows), np.bool_)
    for place, row in enumerate(rows):
        if number - counted.get(row, -again) >= again:
            counted[row], chosen[place] = number, True
            number += 1
    return chosen
