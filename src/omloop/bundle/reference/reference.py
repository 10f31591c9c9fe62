"""The drift reference: every observed column as exact counts in fixed cells.

A number has 16 cells of equal mass in the reference, and finer ones in the tails; values below all of them, above all
of them and absent ones have a cell each. A category has one cell a word, one for words that the reference does not know
and one for absent values. If its words are very many, they share cells. Counts add up over time, threads and processes,
and testing needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.reference.calendar import SEASONS, Calendar, Folds, count_seasons, fit_seasons
from omloop.bundle.reference.cells import Cells
from omloop.bundle.reference.dispersion import LEAST_BUCKETS, dispersions
from omloop.bundle.reference.joint import Joint
from omloop.bundle.reference.memory import memories
from omloop.bundle.reference.repeats import alike, design_effect, first_of_each, row_hashes
from omloop.core import DataError, NumberArray, some

Count = TypeVar("Count", bound=np.float64 | np.float32 | np.integer)
"""The type of counts: whole numbers, or fractions of them."""
_REPEATED = 0.05
"""If equal rows are rarer than this, they count as sent again; if not, they are normal for the table."""
BUCKET = 250
"""Predictions in a bucket: fewer report sooner, but have too few rows in each cell to say much."""
OUTCOME = "outcome"
"""The column of what became of a request, in a reference that has one: one of `OUTCOMES`."""
OUTCOMES = ("answered", "empty", "undecodable", "refused")


@dataclass(frozen=True)
class Reference:
    """The observed training data: cells by column, and the number of counted rows.

    `bucket` is the number of predictions to count and test together. `joints` are columns for joint tests; the sums of
    their features follow the cells of all columns. With a `calendar`, counts by the hour of the week come last, and
    what the calendar explains is no drift. `alike` says how normal repeated rows are, 1 if unknown: see
    `omloop.bundle.reference.repeats.alike`.

    >>> reference = Reference.of({"age": np.arange(100.0)}, {"age": ()})
    >>> reference.split(reference.count({"age": np.array([3.0, 500.0, np.nan])}))["age"][-3:]
    array([0, 1, 1])
    """

    rows: int
    columns: dict[str, Cells]
    bucket: int = BUCKET
    joints: dict[str, Joint] = field(default_factory=dict)
    alike: float = 1.0
    calendar: Calendar | None = None

    @classmethod
    def of(
        cls,
        observed: Mapping[str, NumberArray],
        categories: Mapping[str, tuple[str, ...]],
        *,
        bucket: int = BUCKET,
        series: Mapping[str, NumberArray] | None = None,
        times: NumberArray | None = None,
        together: Mapping[str, Sequence[str]] | None = None,
    ) -> Reference:
        """Count observed rows in cells laid through their own quantiles.

        `series` holds observed values in the order of time, of all columns or some; the variation between its buckets
        gives the dispersion. A column without a series gets the largest of the others'. `times` are those of the
        series, in seconds since 1970. If hours and days of the week explain values, the reference keeps the calendar.
        `together` names columns of the same rows for joint tests, under a name for them. It leaves out columns that are
        no number, or have one value.
        """
        rows = len(next(iter(observed.values()), ()))
        whole = {name: values for name, values in observed.items() if len(values) == rows}
        repeats, first = round(design_effect(whole), 3), first_of_each(row_hashes(whole), max(1, rows))
        ordinary = round(alike(whole, bucket), 6)
        if repeats > 1 and first.mean() > 1 - _REPEATED:  # a few rows were sent again: they count once, as live
            observed = {name: values[first] if name in whole else values for name, values in observed.items()}
            rows, repeats = int(first.sum()), 1.0
        columns = {name: Cells.of(values, categories[name], repeats) for name, values in observed.items()}
        found = {title: _joint(observed, columns, names, bucket) for title, names in (together or {}).items()}
        joints = {title: replace(joint, repeats=repeats) for title, joint in found.items() if joint is not None}
        counted = cls(rows, columns, bucket, joints, ordinary)
        return counted.ordered(series, times) if series else counted

    def ordered(self, series: Mapping[str, NumberArray], times: NumberArray | None = None) -> Reference:
        """The same reference, with the variation of values in the order of time, and its seasons.

        With few values nothing changes.
        """
        known = {name: part for name, part in self.parts.items() if set(_columns(name, part)) <= set(series)}
        rows = len(next(iter(series.values()), ()))
        many = rows // self.bucket
        if not known or many < LEAST_BUCKETS:
            return self
        hashes = self.hashes(series)
        counts = np.ones(rows, np.bool_) if hashes is None else first_of_each(hashes, self.bucket)
        bucket = np.where(counts[: many * self.bucket], np.arange(many * self.bucket) // self.bucket, -1)
        buckets: dict[str, NumberArray] = {
            name: _sums(name, part, series, bucket, many) for name, part in known.items()
        }
        calendar = None
        folds = None if times is None else Folds.of(np.where(counts, times, np.nan))
        if folds is not None:
            calendar, explained = self._seasons(series, folds)
            buckets = {name: found - explained.get(name, 0) for name, found in buckets.items()}
        columns, joints = self._varying(buckets, np.bincount(bucket[bucket >= 0], minlength=many))
        return replace(self, columns=columns, joints=joints, calendar=calendar)

    def _seasons(
        self, series: Mapping[str, NumberArray], folds: Folds
    ) -> tuple[Calendar | None, dict[str, NDArray[np.float64]]]:
        """The calendar, if it explains anything, and what it explains of each bucket, learned from other days."""
        held, kinds, explained = folds.each(self.bucket), {}, {}
        for name, part in self.parts.items():
            if set(_columns(name, part)) <= set(series):
                sums = _sums(name, part, series, folds.index, folds.size)
                found, others = fit_seasons(folds, sums, counts=isinstance(part, Cells))
                if found:
                    kinds[name], explained[name] = found, held @ others
        return Calendar(kinds) if kinds else None, explained

    def _varying(
        self, buckets: Mapping[str, NumberArray], rows: NDArray[np.int64]
    ) -> tuple[dict[str, Cells], dict[str, Joint]]:
        """The columns and joints with the dispersion and the memory of their buckets, or the largest of the others'."""
        told = {name: cells for name, cells in self.columns.items() if name in buckets}
        counts, scores = [buckets[name] for name in told], [cells.scores for cells in told.values()]
        numbers = zip(dispersions(counts, scores).tolist(), memories(counts, scores).tolist(), strict=True)
        found = dict(zip(told, numbers, strict=True))
        most = max(found.values(), default=(1.0, 0.0))
        columns = {}
        for name, cells in self.columns.items():
            dispersion, memory = found.get(name, most)
            columns[name] = replace(cells, dispersion=dispersion, memory=memory)
        joints = {
            title: joint.ordered(buckets[title], rows)
            if title in buckets
            else replace(joint, dispersion=most[0], memory=most[1])
            for title, joint in self.joints.items()
        }
        return columns, joints

    @property
    def parts(self) -> dict[str, Cells | Joint]:
        """Each part that is counted and tested by itself, by name: columns, and columns together."""
        return {**self.columns, **self.joints}

    @property
    def size(self) -> int:
        """How many numbers the counts of all are."""
        return sum(part.size for part in self.parts.values()) + (SEASONS if self.calendar else 0)

    def count(
        self,
        observed: Mapping[str, NumberArray],
        *,
        counted: NDArray[np.bool_] | None = None,
        times: NumberArray | None = None,
    ) -> NDArray[np.int64]:
        """Count live rows in the cells of all columns, one column after the other; shape (size,).

        A `calendar` needs `times`, in seconds since 1970; rows without a time stay as they are. Counts of two windows
        add up to those of both together. `counted` says which rows count, if repeated ones do not (`hashes`). It leaves
        out columns that the reference does not know, such as those of a later kind. Raises DataError if one of its
        columns is missing, or if their lengths differ.
        """
        rows = self._rows(observed)
        if not rows:
            return np.zeros(self.size, np.int64)
        return np.asarray(self._count_each(observed, rows, rows, counted, times)[0], np.int64)

    def buckets(
        self,
        observed: Mapping[str, NumberArray],
        callers: Sequence[str | None] | None = None,
        *,
        times: NumberArray | None = None,
    ) -> NDArray[np.int64]:
        """Count live rows, in the order that they came, by `bucket` of them; shape (buckets, size).

        If equal rows are unusual (`alike`), such a row counts once a bucket and caller: the caller sent it again.
        `callers` names the sender of each row; all without a name are one. `times` are as for `count`. Rows after the
        last whole bucket wait for the next call. Raises DataError as `count` does.
        """
        rows, hashes = self._rows(observed), self.hashes(observed, callers)
        counted = None if hashes is None else first_of_each(hashes, self.bucket)
        return self._count_each(observed, rows, self.bucket, counted, times)

    def hashes(
        self, observed: Mapping[str, NumberArray], callers: Sequence[str | None] | None = None
    ) -> NDArray[np.uint64] | None:
        """Hashes that identify repeated rows, shape (rows,); None if equal rows are normal."""
        known = {name: observed[name] for name in self.columns if name in observed}
        return row_hashes(known, callers) if self.alike < _REPEATED else None

    def unseasonal(self, counts: NumberArray) -> NumberArray:
        """Counts of shape (..., size) minus what the calendar explains: what would have come at any time of the week.

        The result is not whole numbers, and some may be below 0. It has no counts of the hours.
        """
        if self.calendar is None:
            return counts
        seasons, found = counts[..., -SEASONS:], counts[..., :-SEASONS].astype(np.float64)
        split = self.split(found)
        for name in self.calendar.parts:
            split[name] -= self.calendar.explained(name, seasons)
        return np.asarray(found)

    def with_refusals(
        self, buckets: NDArray[np.int64], at: NDArray[np.int64], outcomes: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The same counts with unanswered requests: the bucket of each, and its `OUTCOMES` index.

        They are in no other column, so a bucket holds as many predictions as before.
        """
        added = buckets.copy()
        np.add.at(self.split(added)[OUTCOME], (at, outcomes), 1)
        return added

    def split(self, counts: NDArray[Count]) -> dict[str, NDArray[Count]]:
        """Counts of shape (..., size) by part, each of shape (..., cells), or (..., features) for a joint."""
        ends = np.cumsum([part.size for part in self.parts.values()]).tolist()
        return {
            name: counts[..., end - part.size : end] for (name, part), end in zip(self.parts.items(), ends, strict=True)
        }

    def rows_in(self, counts: NumberArray) -> NumberArray:
        """How many rows the counts hold, by the first column; counts of shape (..., size) to (...)."""
        return np.asarray(counts[..., : next(iter(self.columns.values())).size].sum(axis=-1))

    def _count_each(
        self,
        observed: Mapping[str, NumberArray],
        rows: int,
        bucket: int,
        counted: NDArray[np.bool_] | None = None,
        times: NumberArray | None = None,
    ) -> NDArray[np.int64]:
        seen = {OUTCOME: np.zeros(rows), **observed}  # what was observed was answered
        cells = [cells.count_each(seen[name], bucket, counted) for name, cells in self.columns.items()]
        sums = [joint.sum_each(observed, bucket, counted) for joint in self.joints.values()]
        known = np.full(rows, np.nan) if times is None else times
        known = known if counted is None else np.where(counted, known, np.nan)
        seasons = [count_seasons(known, bucket)] if self.calendar else []
        return np.hstack([np.zeros((rows // bucket, 0), np.int64), *cells, *sums, *seasons])

    def _rows(self, observed: Mapping[str, NumberArray]) -> int:
        missing = [name for name in self.columns if name not in observed and name != OUTCOME]
        strange = [name for name in observed if name not in self.columns]
        if missing:
            parts = [f"lacks {some(missing)}"] * bool(missing) + [f"also has {some(strange)}"] * bool(strange)
            raise DataError(
                f"The live rows are not of the reference's columns: the window {' and '.join(parts)}. "
                "Compare predictions with the reference of the version that made them."
            )
        lengths = {name: len(observed[name]) for name in self.columns if name in observed}
        if len(set(lengths.values())) > 1:
            listing = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise DataError(f"The live columns are not of one length: {listing}. Give each column one value a row.")
        return next(iter(lengths.values()), 0)


def _columns(name: str, part: Cells | Joint) -> tuple[str, ...]:
    return part.columns if isinstance(part, Joint) else (name,)


def _sums(
    name: str, part: Cells | Joint, observed: Mapping[str, NumberArray], group: NDArray[np.int64], groups: int
) -> NDArray[np.int64]:
    """A part's counts, or the sums of its features, by group of rows."""
    if isinstance(part, Joint):
        return part.sum_by(observed, group, groups)
    return part.count_by(observed[name], group, groups)


def _joint(
    observed: Mapping[str, NumberArray], columns: Mapping[str, Cells], names: Sequence[str], bucket: int
) -> Joint | None:
    scales = {name: columns[name].scale for name in names}
    told = {name: scale for name, scale in scales.items() if scale is not None}
    return Joint.of(observed, told, bucket) if len(told) > 1 else None
