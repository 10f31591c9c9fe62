"""Some of the records, by their positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns
from omloop.data.sources.text_column import TextColumn


def take_rows(records: Columns, rows: Sequence[int] | NDArray[np.int64]) -> Columns:
    """The records at some positions, in that order; a column stays what it is, a list, an array or a `TextColumn`.

    >>> take_rows({"hours": [3, 5, 8], "sex": ["m", "f", "f"]}, [2, 0])
    {'hours': [8, 3], 'sex': ['f', 'm']}
    """
    places = np.asarray(rows, np.int64)
    chosen = places.tolist()
    return {
        name: values[places] if isinstance(values, TextColumn | np.ndarray) else [values[row] for row in chosen]
        for name, values in records.items()
    }
