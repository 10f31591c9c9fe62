"""Which examples run through a graph together: what lies between its layers grows with them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def consecutive(count: int, most: int) -> list[NDArray[np.int64]]:
    """The numbers from 0 to `count` - 1 as they come, at most `most` together; one empty batch for none.

    >>> [batch.tolist() for batch in consecutive(5, 2)]
    [[0, 1], [2, 3], [4]]
    """
    return [np.arange(start, min(count, start + most)) for start in range(0, max(1, count), most)]


def by_length(lengths: Sequence[int], most: int, *, padding: int) -> list[NDArray[np.int64]]:
    """The same numbers, the shortest first, at most `most` together, and never more than `padding` to fill them up.

    `padding` is in the unit of `lengths`: as much as costs no more than a run of its own would.

    >>> [batch.tolist() for batch in by_length([3, 900, 4, 5], 2, padding=100)]
    [[0, 2], [3], [1]]
    """
    order = np.argsort(np.asarray(lengths, np.int64), kind="stable")
    batches, start, filled = [], 0, 0
    for end in range(1, len(order)):
        filled += (end - start) * (lengths[order[end]] - lengths[order[end - 1]])
        if end - start == most or filled > padding:
            batches.append(order[start:end])
            start, filled = end, 0
    return [*batches, order[start:]]
