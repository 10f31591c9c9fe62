"""What the calendar explains: how much the shares of a column's cells differ by hour and by day of the week.

Traffic that differs at night is no drift. If the reference's rows have times, omloop learns each part's shares by
season, and corrects the counts of live rows for their seasons. Hours are those of UTC on both sides. When the clocks of
a country change, its pattern moves by an hour.

A pattern must repeat. Cross-validation holds out days (or weeks) in turn, and predicts them from the rest. The slope of
that prediction shrinks a season's difference (Copas 1983, J. R. Stat. Soc. B 45, 311, "Regression, prediction and
shrinkage"). If the slope is not clearly above zero, the season is left out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

Matrix = tuple[tuple[float, ...], ...]
Numbers = NDArray[np.float64]

SEASONS = 168
"""Hours of the week, from Monday on, in UTC. Counts of rows by these add up to those of any coarser season."""

KINDS = {
    "hour": np.arange(SEASONS) % 24,
    "day": np.arange(SEASONS) // 24,
    "hour of the week": np.arange(SEASONS),
}
"""The kinds of season, each with its number for every hour of the week; a later one explains the remainder."""

DAY, HOUR = 86_400.0, 3600.0
LEAST_PERIODS = 4
"""The least days for the hour of the day, and the least weeks for effects of the day."""

MOST_FOLDS = 8
"""More hold out less each, and cost as much again."""
_PRIOR = 20.0  # rows that a season is shrunk by towards no difference: an hour of few rows tells little
_SURE = 3.0  # standard errors: what the calendar is taken to explain hides a drift that looks like it
_EPOCH_HOURS = 72  # 1970 began on a Thursday, so many hours after a Monday


def season_of(times: NumberArray) -> NDArray[np.int64]:
    """The hour of the week of each time, in seconds since 1970; -1 for an unknown time (NaN).

    >>> season_of(np.array([0.0, 4 * 86400.0, np.nan])).tolist()  # a Thursday, a Monday
    [72, 0, -1]
    """
    times = np.asarray(times, np.float64)
    known = np.isfinite(times)
    hours = np.floor(np.where(known, times, 0.0) / HOUR).astype(np.int64)
    return np.where(known, (hours + _EPOCH_HOURS) % SEASONS, -1)


def count_seasons(times: NumberArray, bucket: int) -> NDArray[np.int64]:
    """How many rows of every whole `bucket` fell in each hour of the week; shape (buckets, SEASONS)."""
    buckets = len(times) // bucket
    season = season_of(times[: buckets * bucket])
    known = season >= 0
    place = (np.arange(buckets * bucket) // bucket * SEASONS + season)[known]
    return np.bincount(place, minlength=buckets * SEASONS).reshape(buckets, SEASONS)


@dataclass(frozen=True)
class Calendar:
    """How much each part's shares (or mean features) differ by season: for a part's name, a matrix by `KINDS`.

    A matrix has shape (seasons, cells). Parts that no season explains are left out.
    """

    parts: dict[str, dict[str, Matrix]]

    def explained(self, name: str, seasons: NumberArray) -> Numbers:
        """What seasons add to the counts of a part, (..., cells), given their rows, shape (..., SEASONS)."""
        return np.asarray(seasons @ self._tables[name])

    @cached_property
    def _tables(self) -> dict[str, Numbers]:
        return {
            name: np.sum([np.asarray(matrix)[KINDS[kind]] for kind, matrix in kinds.items()], axis=0)
            for name, kinds in self.parts.items()
        }


@dataclass(frozen=True)
class Folds:
    """Rows by the `fold` of their day or week, and by their season, shape (rows,) each; -1 for an unknown time."""

    fold: NDArray[np.int64]
    season: NDArray[np.int64]
    many: int
    weekly: bool

    @classmethod
    def of(cls, times: NumberArray) -> "Folds | None":
        """The folds of rows at these times; None where they span too few days."""
        times = np.asarray(times, np.float64)
        known = np.isfinite(times)
        if not known.any():
            return None
        since = np.where(known, times, np.nanmin(times)) + _EPOCH_HOURS * HOUR  # weeks begin on Monday
        for weekly, period in ((True, 7 * DAY), (False, DAY)):
            number = np.unique(np.floor(since / period), return_inverse=True)[1]
            if number.max() + 1 >= LEAST_PERIODS:
                many = min(MOST_FOLDS, int(number.max()) + 1)
                return cls(np.where(known, number % many, -1), season_of(times), many, weekly)
        return None

    @property
    def index(self) -> NDArray[np.int64]:
        """One number for a row's fold and season; -1 for an unknown time."""
        return np.where(self.season >= 0, self.fold * SEASONS + self.season, -1)

    @property
    def size(self) -> int:
        """How many such numbers there are."""
        return self.many * SEASONS

    def each(self, bucket: int) -> NDArray[np.int64]:
        """How many rows of every whole bucket have each number; shape (buckets, size)."""
        buckets = len(self.fold) // bucket
        index = self.index[: buckets * bucket]
        place = (np.arange(len(index)) // bucket * self.size + index)[index >= 0]
        return np.bincount(place, minlength=buckets * self.size).reshape(buckets, self.size)


def fit_seasons(folds: Folds, sums: NumberArray, counts: bool) -> tuple[dict[str, Matrix], Numbers]:
    """What the seasons explain of one part, by kind; and the same as the other folds tell it, shape (size, cells).

    `sums` are the part's counts, or the sums of its features, of the rows with each number of `folds`; shape (size,
    cells). `counts` says which.
    """
    rows = np.bincount(folds.index[folds.index >= 0], minlength=folds.size).reshape(folds.many, SEASONS)
    left = np.asarray(sums, np.float64).reshape(folds.many, SEASONS, -1)
    overall = left.sum(axis=(0, 1)) / max(1, rows.sum())
    left = left - rows[..., None] * overall
    weights = 1 / np.maximum(overall, 1 / max(1, rows.sum())) if counts else np.ones(len(overall))
    found: dict[str, Matrix] = {}
    others = np.zeros_like(left)
    for kind, season in KINDS.items():
        if kind != "hour" and not folds.weekly:
            break
        table, tables = _explained(left, rows, season, weights)
        if table is None:
            continue
        found[kind] = tuple(map(tuple, table.round(6).tolist()))
        left = left - rows[..., None] * table[season]
        others += tables[:, season]
    return found, others.reshape(folds.size, -1)


def _explained(
    left: Numbers, rows: NDArray[np.int64], season: NDArray[np.int64], weights: Numbers
) -> tuple[Numbers | None, Numbers]:
    """The shrunk differences by season, and the same without each fold; None where they do not come again."""
    many = int(season.max()) + 1
    within = (season[:, None] == np.arange(many)).astype(np.float64)
    sums, held = np.einsum("fhc,hs->fsc", left, within), rows @ within
    tables = (sums.sum(axis=0) - sums) / (held.sum(axis=0) - held + _PRIOR)[..., None]
    size = (held[..., None] * tables**2 * weights).sum(axis=(1, 2))
    slopes = (sums * tables * weights).sum(axis=(1, 2)) / np.maximum(size, 1e-12)
    slope, doubt = slopes.mean(), slopes.std(ddof=1) / np.sqrt(len(slopes))
    if slope <= _SURE * doubt:
        return None, tables
    slope = min(1.0, float(slope))
    return slope * sums.sum(axis=0) / (held.sum(axis=0) + _PRIOR)[:, None], slope * tables
