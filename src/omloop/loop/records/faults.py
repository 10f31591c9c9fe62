"""Faults of the data: the part of a drift that is no change of the world; no model may learn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.bundle.reference.reference import OUTCOMES
from omloop.core import Alarm, NumberArray

ABSENT = 0.05
"""The growth of the share of absent or unknown values from which on data counts as broken."""

FAR = 10.0
"""How many times the reference's range a value must lie outside of it to count as another unit."""


@dataclass(frozen=True)
class ColumnFault:
    """The fault of a column, in one word (`what`) and in a sentence (`told`)."""

    column: str
    what: str
    told: str


def far_in(reference: Reference, observed: Mapping[str, NumberArray]) -> NDArray[np.int64]:
    """How many observed values of each column lie `FAR` outside of the reference; shape (columns,)."""
    return np.array([_far(cells, observed.get(name)) for name, cells in reference.columns.items()], np.int64)


def faults(
    reference: Reference, buckets: NDArray[np.int64], far: NDArray[np.int64], alarm: Alarm
) -> Iterator[ColumnFault]:
    """Faults of the columns that moved, in the window of the alarm: absent or unknown values, or another unit.

    `buckets` and `far` hold all counts of a version, by bucket.
    """
    window = slice(alarm.bucket + 1 - alarm.buckets, alarm.bucket + 1)
    live, outside = reference.split(buckets[window].sum(axis=0)), far[window].sum(axis=0)
    names = list(reference.columns)
    for column in (movement.column for movement in alarm.columns):
        cells = reference.columns.get(column)
        if cells is None or cells.categories == OUTCOMES:  # several columns together, or the door's, which tells itself
            continue
        counts = live[column]
        grown = counts / max(1, counts.sum()) - np.asarray(cells.counts) / max(1, sum(cells.counts))
        shares = dict(zip(cells.names, grown.tolist(), strict=True))
        for what in ("unseen", "absent"):
            if shares.get(what, 0.0) >= ABSENT:
                yield ColumnFault(column, what, f"{column} is {what} in {shares[what]:.0%} more rows")
        present = int(counts[:-1].sum())
        if present < 2 * outside[names.index(column)]:
            share = outside[names.index(column)] / present
            low, high = cells.edges[0], cells.edges[-1]
            yield ColumnFault(
                column, "far", f"{column} lies far outside of {low:.4g} to {high:.4g} in {share:.0%} of the rows"
            )


def _far(cells: Cells, values: NumberArray | None) -> int:
    if values is None or cells.categories:
        return 0
    low, high = cells.edges[0], cells.edges[-1]
    return int(np.count_nonzero(np.maximum(low - values, values - high) > FAR * max(high - low, abs(high), abs(low))))
