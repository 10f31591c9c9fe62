"""A guess at which column tells the times of records."""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError
from omloop.data.by_time import read_times

FALLS = 0.01
"""Of the steps may go back in a column of times: logs of several machines are a little out of order."""
_LOOKED_AT = 20


def time_column(records: Columns) -> tuple[str, NDArray[np.float64]] | None:
    """The first column of times that rise with the records, and its seconds since 1970; None where there is none.

    One step in a hundred may go back. Dates in any other order, such as birthdays, do not say when a record came.

    >>> time_column({"born": ["1999-01-02", "1980-05-01"], "at": ["2026-01-01 08:00", "2026-01-01 09:00"]})
    ('at', array([1.7672544e+09, 1.7672580e+09]))
    """
    for name, values in records.items():
        if isinstance(values, np.ndarray) and values.ndim != 1:
            continue
        try:
            read_times(name, [*islice(values, _LOOKED_AT)])  # most columns are told apart by a few values
            seconds = read_times(name, values).seconds
        except DataError:
            continue
        steps = np.diff(seconds)
        if (steps > 0).any() and (steps < 0).mean() <= FALLS:
            return name, seconds
    return None
