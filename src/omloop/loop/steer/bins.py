"""Time in bins of equal width: how many of what happened fell in each, and its percentiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 60
"""Bins of the requested time."""


@dataclass(frozen=True)
class Bins:
    """Bins of equal width; the last one holds the moment `now`, and nothing is known before `since`."""

    begins: NDArray[np.float64]
    width: float
    now: float
    since: float

    @classmethod
    def of(cls, minutes: int, now: float) -> Bins:
        """Bins that begin at multiples of their width, so that they stand still from one answer to the next."""
        width = 60.0 * minutes / BINS
        first = (np.floor(now / width) - BINS + 1) * width
        return cls(first + width * np.arange(BINS), width, now, first)

    def place(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """The bin of each time; one that is later than now is in the last."""
        return np.asarray(np.clip((times - self.begins[0]) // self.width, 0, BINS - 1), np.int64)

    def counts(self, places: NDArray[np.int64]) -> list[int | None]:
        """How many fell in each bin; None for a bin that is partly unknown."""
        found, whole = np.bincount(places, minlength=BINS).tolist(), (self.begins >= self.since).tolist()
        return [count if known else None for count, known in zip(found, whole, strict=True)]

    def rates(self, places: NDArray[np.int64]) -> list[float | None]:
        """How many a second; of the last bin, in the part of it that is over."""
        spans = [*[self.width] * (BINS - 1), max(1.0, self.now - float(self.begins[-1]))]
        return [None if count is None else count / span for count, span in zip(self.counts(places), spans, strict=True)]

    def percentiles(
        self, places: NDArray[np.int64], values: NDArray[np.float64], which: tuple[int, ...]
    ) -> list[list[float | None]]:
        """Percentiles of the values in each bin, a list for each of `which`; None for an empty bin."""
        parts = [values[places == place] for place in range(BINS)]
        found = [np.percentile(part, which) if len(part) else None for part in parts]
        return [[None if one is None else float(one[place]) for one in found] for place in range(len(which))]
