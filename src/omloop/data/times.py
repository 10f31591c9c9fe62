"""The times of records, where a column of them tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns

_FALLS = 0.01  # of the steps may go back: logs of several machines are a little out of order


def time_column(records: Columns) -> tuple[str, NDArray[np.float64]] | None:
    """The first column of dates or timestamps that rise, with its seconds since 1970; None where there is none.

    Texts are read as ISO 8601 and taken for UTC where they name no zone; an empty one is NaN. One step in a hundred may
    go back. A column of dates that lie in any order, such as birthdays, says nothing of when a record came.

    >>> time_column({"born": ["1999-01-02", "1980-05-01"], "at": ["2026-01-01 08:00", "2026-01-01 09:00"]})[0]
    'at'
    """
    for name, values in records.items():
        times = seconds_of(values)
        if times is not None and _rise(times):
            return name, times
    return None


def seconds_of(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64] | None:
    """Dates and timestamps in seconds since 1970, shape (n,); None where any value is neither one nor absent."""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        return None
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return np.where(np.isnat(values), np.nan, values.astype("datetime64[us]").astype(np.int64) / 1e6)
    found = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        if value is None or value == "":
            continue
        moment = _moment(value)
        if moment is None:
            return None
        found[row] = moment.timestamp()
    return found


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) >= len("2026-01-01") else None
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _rise(times: NDArray[np.float64]) -> bool:
    known = times[np.isfinite(times)]
    steps = np.diff(known)
    return len(steps) > 0 and bool((steps > 0).any()) and bool((steps < 0).mean() <= _FALLS)
