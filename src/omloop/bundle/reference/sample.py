"""A bounded sample of the training data, row by row: it shows how a live example is unusual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

MOST_ROWS = 200
"""Enough for a limit that one in twenty exceeds; omloop compares live rows with each of them."""
MOST_BYTES = 2_000_000
"""Bytes of glimpses: every server reads a bundle whole."""


@dataclass(frozen=True)
class Sample:
    """Some training examples: the observed values of each, by column, None for an absent value.

    `glimpses` are what a person sees of them, from the kind's `glimpse`. They are empty if the log keeps no whole
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
