"""Which examples run through a graph together: what lies between its layers grows with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def consecutive(count: int, most: int) -> list[NDArray[np.int64]]:
    """The numbers from 0 to `count` - 1 as they come, at most `most` together; one empty batch for none.

    >>> [batch.tolist() for batch in consecutive(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    return _cut(np.arange(count), most)


def by_length(lengths: Sequence[int] | NDArray[np.int64], most: int) -> list[NDArray[np.int64]]:
    """The same numbers, the shortest first, so that a batch needs little padding.

    >>> [batch.tolist() for batch in by_length([3, 900, 4], 2)]
    [[0, 2], [1]]
    """
    return _cut(np.argsort(np.asarray(lengths, np.int64), kind="stable"), most)


def _cut(order: NDArray[np.int64], most: int) -> list[NDArray[np.int64]]:
    return [order[start : start + most] for start in range(0, max(1, len(order)), most)]
