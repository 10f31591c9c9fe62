"""Splits by time: the newest records judge, the next newest choose, and the model learns from all older ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, ConfigError, DataError, did_you_mean
from omloop.data.split import require_shares

SECONDS = (946_684_800.0, 4_102_444_800.0)
"""Numbers from the year 2000 to 2100, in seconds since 1970: a column of only these counts as times."""
SHOWN = 5
LEAST_MOMENTS = 3


@dataclass(frozen=True)
class Times:
    """When records came, both of shape (n,): `order` rises with time, `seconds` are since 1970 (UTC).

    `seconds` is empty where the column holds numbers of another unit, such as a year or a count. The last `live`
    records were live, and later than all others.
    """

    order: NDArray[np.float64]
    seconds: NDArray[np.float64]
    live: int = 0

    def __add__(self, later: Times) -> Times:
        """These records of a source and later ones, which were live, whatever the units of both."""
        ranks = [np.unique(times.order, return_inverse=True)[1] for times in (self, later)]
        order = np.concatenate([ranks[0], ranks[1] + len(ranks[0])]).astype(np.float64)
        seconds = np.concatenate([self.seconds, later.seconds]) if len(self.seconds) else self.seconds
        return Times(order, seconds, len(later.order))


def times_of(records: Columns, by: str) -> Times:
    """When each record came, by the column `by`.

    Raises ConfigError if there is no such column, and DataError, which names the records with unreadable times.
    """
    if by not in records:
        near = did_you_mean(by, records) or f" There are: {', '.join(records)}."
        raise ConfigError(f"split.by={by}: the records have no such column.{near}")
    return read_times(by, records[by])


def read_times(by: str, values: Sequence[object] | NDArray[np.generic]) -> Times:
    """The times in a column: numbers, or dates in ISO 8601, which are UTC where they name no zone.

    >>> read_times("day", ["2024-02-29", "2024-03-01T01:30+01:00"]).seconds.tolist()
    [1709164800.0, 1709253000.0]
    """
    numbers = _each(_number, values)
    if not np.isnan(numbers).any():
        known = bool(((numbers >= SECONDS[0]) & (numbers <= SECONDS[1])).all())
        return Times(numbers, numbers if known else np.empty(0))
    dates = _each(_date, values)
    nearer = min(numbers, dates, key=lambda times: int(np.isnan(times).sum()))
    bad = np.flatnonzero(np.isnan(nearer)).tolist()
    if bad:
        told = ", ".join(str(row + 1) for row in bad[:SHOWN])
        raise DataError(
            f"split.by={by}: {len(bad)} of {len(values)} records have no time that can be read, such as "
            f"{values[bad[0]]!r:.40} (records {told}). Give numbers alone, or dates alone such as 2024-05-01 or "
            "2024-05-01T13:30:00Z, or take these records out."
        )
    return Times(dates, dates)


def newest_last(order: NDArray[np.float64], *, validation: float, test: float) -> NDArray[np.int64]:
    """The part of each record: 2 for the newest share `test`, 1 for the next newest `validation`, 0 for the rest.

    Records of one time stay together, so shares are as exact as times allow. Raises DataError for fewer than three
    different times.

    >>> newest_last(np.array([5.0, 1, 2, 3, 4]), validation=0.2, test=0.2).tolist()
    [2, 0, 0, 0, 1]
    """
    moments, places, counts = np.unique(order, return_inverse=True, return_counts=True)
    if len(moments) < LEAST_MOMENTS:
        raise DataError(f"{len(moments)} different times are too few to split by: give {LEAST_MOMENTS} at least.")
    since = np.cumsum(counts[::-1])[::-1] / len(order)
    tested = 2 + int(np.abs(since[2:] - test).argmin())
    chosen = 1 + int(np.abs(since[1:tested] - test - validation).argmin())
    return np.where(places >= tested, 2, np.where(places >= chosen, 1, 0))


def by_time(times: Times, groups: NDArray[np.str_] | None, *, validation: float, test: float) -> NDArray[np.int64]:
    """The part of each record by its time: the newest of the source's, and the newest of the live ones.

    So the gate compares the champion on both. The model learns from all live records of fewer than three times.
    `groups` names the group of each record, if there are any; raises DataError if the split would divide one.
    """
    require_shares(validation, test)
    source, live = np.split(times.order, [len(times.order) - times.live])
    place = newest_last(source, validation=validation, test=test)
    few = len(np.unique(live)) < LEAST_MOMENTS
    newest = np.zeros(len(live), np.int64) if few else newest_last(live, validation=validation, test=test)
    place = np.concatenate([place, newest])
    if groups is not None:
        _require_whole(groups, place)
    return place


def _require_whole(groups: NDArray[np.str_], place: NDArray[np.int64]) -> None:
    names, ids = np.unique(groups, return_inverse=True)
    first, last = np.full(len(names), 2), np.zeros(len(names), np.int64)
    np.minimum.at(first, ids, place)
    np.maximum.at(last, ids, place)
    torn = int((first < last).sum())
    if torn:
        raise DataError(
            f"To split by time would tear {torn} of {len(names)} groups apart: they have records before and after a "
            "moment at which a part begins. Take other shares (split.test, split.validation), split by a column that "
            "has one time a group, such as when it began, or leave split.by empty."
        )


def _each(read: Callable[[object], float], values: Sequence[object] | NDArray[np.generic]) -> NDArray[np.float64]:
    return np.fromiter((read(value) for value in values), np.float64, len(values))


def _number(value: Any) -> float:
    if isinstance(value, np.datetime64):  # float() would count its own units
        return math.nan
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def _date(value: object) -> float:
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return math.nan
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
