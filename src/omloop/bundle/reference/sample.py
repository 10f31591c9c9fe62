"""A bounded sample of the training data, row by row: what a live example is held against, to say how it is unusual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

MOST_ROWS = 200
"""Enough for a limit that one in twenty lies beyond; live rows are held against each of them."""
MOST_BYTES = 2_000_000
"""Of glimpses: a bundle is read whole by every server."""


@dataclass(frozen=True)
class Sample:
    """Some training examples: what was observed of each, by column, None for an absent value.

    `glimpses` are what a person is shown of them, as the kind's `glimpse` gives it; empty where the log keeps no whole
    examples either, and at most two megabytes.
    """

    columns: dict[str, list[float | None]]
    glimpses: list[dict[str, object]]

    @classmethod
    def of(cls, observed: Mapping[str, NumberArray], glimpses: Sequence[Mapping[str, object]]) -> "Sample":
        """The sample of as many rows, and as many glimpses of the first of them as there is room for."""
        columns = {
            name: [value if np.isfinite(value) else None for value in np.asarray(values, np.float64).tolist()]
            for name, values in observed.items()
        }
        sizes = np.cumsum([len(msgspec.json.encode(glimpse)) for glimpse in glimpses])
        room = int(np.searchsorted(sizes, MOST_BYTES, side="right"))
        return cls(columns, [dict(glimpse) for glimpse in glimpses[:room]])

    @property
    def observed(self) -> dict[str, NDArray[np.float64]]:
        """The columns as arrays; an absent value is NaN."""
        return {name: np.array(values, np.float64) for name, values in self.columns.items()}
