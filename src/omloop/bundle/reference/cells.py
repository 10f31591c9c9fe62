"""Counts of one column in cells: how a version remembers its training data."""

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.reference.joint import Scale
from omloop.bundle.reference.words import MOST_CELLS, cells_of, hashed_order, share_cells
from omloop.core import NumberArray

CELLS = 16
"""Cells of equal mass. Each has 16 rows of a bucket of 250, and the chi-squared test asks for 12."""

_LEAST_IN_TAIL = 20
"""Rows of the reference in a cell of a tail, to know its share to about a fifth."""

_CLOSE = 1e-9
"""For sums of shares, which may miss a sixteenth by their last digit."""

_OUTERMOST = 1e-4
"""The share that caps a normal score, at 3.7: a cell of hardly any mass must not get an infinite one."""

_END = 1 / 64
"""The share that caps the scores of the ends in joint tests, at 2.2.

Between the last knot and the end the score is linear, and few rows lie there.
"""

_AT_ONCE = 1 << 16  # rows that are counted at a time, which bounds memory


@dataclass(frozen=True)
class Cells:
    """The cells of one column and how many reference rows fell in each.

    `edges` are the limits of a number's cells, from just below the smallest value of the reference to its largest.
    `categories` are the words of a category. One of the two is empty. `dispersion` says how much more the counts of
    live buckets vary than those of independent rows; None if the reference has no order of time. It grows with the
    width of a window to the power `memory`. `common` names each cell if words share cells; counts by word are then
    added up. `repeats` says how much more the counts of the reference vary because its rows repeat each other.
    """

    edges: tuple[float, ...]
    categories: tuple[str, ...]
    counts: tuple[int, ...]
    dispersion: float | None = None
    common: tuple[str, ...] = ()
    repeats: float = 1.0
    memory: float = 0.0

    @classmethod
    def of(cls, values: NumberArray, categories: tuple[str, ...], repeats: float) -> "Cells":
        """The cells of a column's training values, counted; of a category where it has `categories`."""
        numbers = np.asarray(values, np.float64)
        if categories:
            return cls((), categories, tuple(_count_words(numbers, len(categories)).tolist()), repeats=repeats)
        cells = cls(_edges(numbers), (), (), repeats=repeats)
        return replace(cells, counts=tuple(cells.count(numbers).tolist()))

    def __post_init__(self) -> None:
        if self.categories and len(self.counts) == len(self.categories) + 1:  # as written before there was `unseen`
            object.__setattr__(self, "counts", (*self.counts[:-1], 0, self.counts[-1]))
        if self.size < len(self.counts) == len(self.categories) + 2:
            counts, names = share_cells(self.categories, np.array(self.counts[:-2]))
            object.__setattr__(self, "counts", (*counts.tolist(), *self.counts[-2:]))
            object.__setattr__(self, "common", names)

    @property
    def size(self) -> int:
        """How many cells there are, special ones included."""
        return min(len(self.categories), MOST_CELLS) + 2 if self.categories else len(self.edges) + 2

    @property
    def names(self) -> tuple[str, ...]:
        """What each cell holds: `below`, `up to 1.5`, ..., `above`, `absent`; the words, `unseen`, `absent`."""
        if self.categories:
            return (*(self.common or self.categories), "unseen", "absent")
        return ("below", *(f"up to {edge:.6g}" for edge in self.edges[1:]), "above", "absent")

    def place(self, values: NumberArray) -> NDArray[np.intp]:
        """The cell of each value. A category's values are indices of words; any index that has no word is `unseen`."""
        values = np.asarray(values)
        absent = np.isnan(values)
        if self.categories:
            known = (values >= 0) & (values < len(self.categories))
            cells = self._cells_of_words[np.where(known, values, len(self.categories)).astype(np.intp)]
        else:
            # Cell 0 is below every edge, the last is above; a value on an edge belongs to the cell on its left.
            cells = np.searchsorted(self.edges, values, side="left")
        cells[absent] = self.size - 1
        return cells

    def count(self, values: NumberArray) -> NDArray[np.int64]:
        """How many of `values` fall in each cell; numbers: below, the cells, above, absent; categories: see `names`."""
        counts: NDArray[np.int64] = self.count_each(values, max(1, len(values))).sum(axis=0)
        return counts

    def count_each(
        self, values: NumberArray, bucket: int, counted: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """The same for every whole `bucket` of values, in the order that they came; shape (buckets, cells).

        Of all values, or those that are `counted`, of shape (values,).
        """
        buckets = len(values) // bucket
        group = np.arange(buckets * bucket) // bucket
        return self.count_by(values, group if counted is None else np.where(counted[: len(group)], group, -1), buckets)

    def count_by(self, values: NumberArray, group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
        """The same for every group of values, by the number of each; -1 is none of them. Shape (groups, cells)."""
        counts = np.zeros(groups * self.size, np.int64)
        for start in range(0, len(group), _AT_ONCE):
            of, some = group[start : start + _AT_ONCE], values[start : start + _AT_ONCE][: len(group) - start]
            place = of * self.size + self.place(some)
            counts += np.bincount(place[of >= 0], minlength=len(counts))
        return counts.reshape(groups, self.size)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The cells in an order that allows pooling scarce neighbours: by value, or by a hash of each word.

        It must know nothing of the counts: see `omloop.bundle.reference.words`.
        """
        if self.common or not self.categories:  # cells that words share are in the order of a hash
            return np.arange(self.size)
        return np.append(hashed_order(self.categories), [self.size - 2, self.size - 1])

    @cached_property
    def _cells_of_words(self) -> NDArray[np.intp]:
        """The cell of each word, and at last that of any other."""
        return np.append(cells_of(self.categories), self.size - 2)

    @cached_property
    def scores(self) -> NDArray[np.float64] | None:
        """The measure of a number's shift: a normal score for each of its cells but `absent`.

        It is the normal quantile of the middle of a cell's mass (van der Waerden 1952, Indag. Math. 14, 453). If n rows
        of a normal column move by d standard deviations, their mean score rises by about d. `below` and `above` count
        as the outermost cells; another test sees that they are new. None for a category, and for a number of one value.
        """
        inner = np.asarray(self.counts[1:-2], np.float64)
        if self.categories or np.count_nonzero(inner) < 2:
            return None
        middle = (np.cumsum(inner) - inner / 2) / inner.sum()
        normal = [NormalDist().inv_cdf(min(max(share, _OUTERMOST), 1 - _OUTERMOST)) for share in middle.tolist()]
        return np.array([normal[0], *normal, normal[-1]])

    @property
    def scale(self) -> Scale | None:
        """A number's values and their normal scores at its edges, as `Joint` asks for; None where `scores` is."""
        if self.scores is None:
            return None
        below = np.cumsum(np.asarray(self.counts[:-2], np.float64)) / sum(self.counts[1:-2])
        # Not at the finer cells of the tails: scores beyond would be all alike.
        knots = [place for place, share in enumerate(below) if 1 / CELLS - _CLOSE <= share <= 1 - 1 / CELLS + _CLOSE]
        places = np.array([0, *knots, len(below) - 1])
        scores = [NormalDist().inv_cdf(min(max(share, _END), 1 - _END)) for share in below[places].tolist()]
        return tuple(np.array(self.edges)[places].tolist()), tuple(scores)


def _count_words(values: NDArray[np.float64], words: int) -> NDArray[np.int64]:
    """How often each word, any other index and none came."""
    absent = np.isnan(values)
    known = (values >= 0) & (values < words)
    cells = np.where(absent, words + 1, np.where(known, values, words)).astype(np.intp)
    return np.bincount(cells, minlength=words + 2)


def _edges(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Limits of cells of equal mass; a common value, as in a column of few integers, has its own cell.

    It halves the outermost two, and the new outermost two again, as long as each keeps `_LEAST_IN_TAIL` rows. A change
    in the tails hardly shows in a sixteenth of all rows.
    """
    present = values[np.abs(values) < np.finfo(np.float64).max]  # an edge must be finite: JSON has no infinity
    if not len(present):
        return (0.0,)
    tail = [part for part in 2.0 ** -np.arange(1, 5) / CELLS if part * len(present) >= _LEAST_IN_TAIL]
    shares = np.concatenate([tail, np.arange(1, CELLS + 1) / CELLS, 1 - np.array(tail)])
    upper = np.unique(np.quantile(present, shares, method="inverted_cdf"))
    return (float(np.nextafter(present.min(), -np.inf)), *upper.tolist())
