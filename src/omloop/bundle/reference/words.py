"""The words of a category in cells, by a hash: no choice here knows how common a word is.

Sorting or selecting by the reference's own counts selects their noise. The words that look common there are less common
in truth, the rare ones less rare (Good 1953, Biometrika 40, 237). A test on such a selection finds that difference, and
takes it for drift.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

MOST_CELLS = 1024
"""A category of more words shares this many cells: each bucket of predictions has a count a cell."""


def hashed_order(words: Sequence[str]) -> NDArray[np.intp]:
    """The positions of the words in the order of their hashes.

    >>> hashed_order(["a", "b", "c"]).tolist()
    [2, 0, 1]
    """
    return np.argsort(_hashes(words), kind="stable")


def cells_of(words: Sequence[str]) -> NDArray[np.intp]:
    """The cell of each word: its own, or among more than `MOST_CELLS` words, a shared one by its hash."""
    if len(words) <= MOST_CELLS:
        return np.arange(len(words))
    return np.asarray(_hashes(words) % MOST_CELLS, np.intp)


def share_cells(words: Sequence[str], counts: NumberArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The counts of more than `MOST_CELLS` words in their cells, and each cell's name, after its commonest word.

    The name says what a cell holds; it has no part in any test.
    """
    cells, counts = cells_of(words), np.asarray(counts, np.int64)
    several = np.bincount(cells, minlength=MOST_CELLS)
    names = dict.fromkeys(range(MOST_CELLS), "no word")
    for place in np.argsort(counts, kind="stable").tolist():  # the commonest comes last
        cell = int(cells[place])
        names[cell] = words[place] if several[cell] == 1 else f"{words[place]} and {several[cell] - 1} other words"
    totals = np.zeros(MOST_CELLS, np.int64)
    np.add.at(totals, cells, counts)
    return totals, tuple(names.values())


def _hashes(words: Sequence[str]) -> NDArray[np.uint64]:
    digests = b"".join(blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest() for word in words)
    return np.frombuffer(digests, "<u8").astype(np.uint64)
