"""Two states of the same records: which came, which went, and which are there with other values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns
from omloop.data.identity import content_keys

Rows = NDArray[np.int64]
Column = Sequence[object] | NDArray[np.generic]


@dataclass(frozen=True)
class RecordDiff:
    """Positions of records, each of shape (n,): `added` ones in the new state, `removed` ones in the old.

    `changed`, of shape (n, 2), are positions before and after; `columns` says in how many of them each column differs.
    Without a column that names records nothing counts as changed: a record with another value is another record.
    `new_columns` and `lost_columns` exist in only one of the states.
    """

    before: int
    after: int
    added: Rows
    removed: Rows
    changed: Rows
    columns: Mapping[str, int]
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both states hold the same records, in whatever order."""
        return not (len(self.added) or len(self.removed) or len(self.changed) or self.new_columns or self.lost_columns)


def diff_records(old: Columns, new: Columns, *, key: str = "") -> RecordDiff:
    """Compare two states of the same records by their content, or by the column `key` that names each.

    A value is the same in any notation, see `content_keys`. For equal records the number counts: if two became three,
    the difference is one added record.

    >>> found = diff_records({"id": [1, 2], "x": [0.5, 1]}, {"id": [2, 3], "x": [1.5, 2]}, key="id")
    >>> found.removed.tolist(), found.changed.tolist(), found.added.tolist(), found.columns
    ([0], [[1, 0]], [1], {'x': 1})
    """
    shared = [name for name in new if name in old]
    before, after = _size(old), _size(new)
    named = [key] if key in shared else shared
    pairs, removed, added = _matched(_keys(old, named, before), _keys(new, named, after))
    differing = {name: _differ(old[name], new[name], pairs) for name in shared if name not in named}
    changed = np.logical_or.reduce([*differing.values(), np.zeros(len(pairs), bool)])
    return RecordDiff(
        before=before,
        after=after,
        added=added,
        removed=removed,
        changed=pairs[changed],
        columns={name: int(found.sum()) for name, found in differing.items() if found.any()},
        new_columns=tuple(name for name in new if name not in old),
        lost_columns=tuple(name for name in old if name not in new),
    )


def _matched(old: NDArray[np.uint64], new: NDArray[np.uint64]) -> tuple[Rows, Rows, Rows]:
    """Pairs of positions with the same key, shape (n, 2), and the rest of the old and of the new."""
    where: dict[tuple[int, int], int] = {}
    for position, found in enumerate(_numbered(old)):
        where[found] = position
    pairs, added = [], []
    for position, found in enumerate(_numbered(new)):
        if found in where:
            pairs.append((where.pop(found), position))
        else:
            added.append(position)
    return np.array(pairs, np.int64).reshape(-1, 2), np.array([*where.values()], np.int64), np.array(added, np.int64)


def _numbered(keys: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Each key with how often it was there before."""
    seen: dict[int, int] = {}
    numbered = []
    for key in keys.tolist():
        times = seen.get(key, 0)
        seen[key] = times + 1
        numbered.append((key, times))
    return numbered


def _differ(old: Column, new: Column, pairs: Rows) -> NDArray[np.bool_]:
    """Whether the value of each pair differs; shape (n,)."""
    if not len(pairs):
        return np.zeros(0, bool)
    # A second, constant column makes numbers equal however they are printed; alone a column would hold names.
    before, after = (content_keys({"": column, " ": [0] * len(column)}, ["", " "]) for column in (old, new))
    return np.asarray(before[pairs[:, 0]] != after[pairs[:, 1]])


def _keys(columns: Columns, names: Sequence[str], size: int) -> NDArray[np.uint64]:
    return content_keys(columns, names) if names else np.zeros(size, np.uint64)


def _size(columns: Columns) -> int:
    return len(next(iter(columns.values()), ()))
