"""The live predictions of a version as counts in the reference's cells; each counts once.

It is a cache: if deleted, omloop makes it again from the log. Predictions count in the order of the log, and those
since the last look in the order of their times. Late ones of a worker count in the next bucket.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle.reference.repeats import first_of_each
from omloop.core import BODY, ConflictError, NumberArray, Position, RefusalCount, Window, write_whole
from omloop.loop.records.episodes import Episode
from omloop.loop.records.faults import ABSENT, far_in
from omloop.loop.watch.door import REASONS, door_of, is_watched
from omloop.loop.watch.live import LivePredictions

if TYPE_CHECKING:
    from omloop.bundle import Bundle, Reference
    from omloop.core import Predictions

Number = TypeVar("Number", bound=np.generic)
AT_ONCE = 5_000
"""How many predictions to read from the log at a time."""


@dataclass(frozen=True)
class BucketCounts:
    """Counts of a version's first `rows` predictions, by bucket; the last bucket may be incomplete.

    `counts` are in the reference's cells, shape (buckets, size). `outside` says how many values of each column are of
    another unit, shape (buckets, columns). `times` are the earliest and the latest time of each bucket's predictions,
    shape (buckets, 2). `refused` says how many rows the server refused meanwhile, by fault, as `door_of` names it;
    shape (buckets, names). The counts hold everything up to `position`. `looked` is the number of tested buckets.
    `told` is the last reported episode, with all columns that moved in it. `sent` has the hashes of the rows in the
    incomplete bucket.
    """

    bucket: int
    counts: NDArray[np.int64]
    outside: NDArray[np.int64]
    times: NDArray[np.float64]
    refused: NDArray[np.int64]
    rows: int = 0
    position: Position | None = None
    looked: int = 0
    told: Episode | None = None
    sent: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    @classmethod
    def nothing(cls, bundle: Bundle, looked: int = 0) -> BucketCounts:
        """The counts of nothing."""
        reference = bundle.reference
        sizes = (reference.size, len(reference.columns), len(door_of(bundle.kind)))
        counts, outside, refused = (np.zeros((0, size), np.int64) for size in sizes)
        return cls(reference.bucket, counts, outside, np.zeros((0, 2)), refused, looked=looked)

    @property
    def whole(self) -> int:
        """How many buckets are whole."""
        return self.rows // self.bucket

    @property
    def buckets(self) -> NDArray[np.int64]:
        """The counts of whole buckets."""
        return self.counts[: self.whole]

    @property
    def waiting(self) -> NDArray[np.int64]:
        """The rows refused since the last whole bucket, by fault; shape (names,)."""
        return np.asarray(self.refused[self.whole :].sum(axis=0))

    @property
    def far(self) -> NDArray[np.int64]:
        """The values of another unit, of whole buckets."""
        return self.outside[: self.whole]

    @property
    def starts(self) -> NDArray[np.float64]:
        """The earliest time of each whole bucket."""
        return self.times[: self.whole, 0]

    @property
    def ends(self) -> NDArray[np.float64]:
        """The latest time of each whole bucket."""
        return self.times[: self.whole, 1]

    def until_now(self, bundle: Bundle, predictions: Predictions, clock: float) -> BucketCounts:
        """The same with all later predictions of the log. Times after `clock`, seconds since 1970, count as `clock`.

        Raises ConflictError if the log's index was rebuilt meanwhile; the next call counts from the start.
        """
        now, last = predictions.position(), None
        same = self.position is not None and self.position.index == now.index
        counted = self if same else BucketCounts.nothing(bundle, self.looked)
        before, first = counted.position or Position(now.index, 0), counted.whole
        known = (before.entry, now.entry)
        while window := predictions.window(version=bundle.version, known=known, after=last, oldest=AT_ONCE).predictions:
            times = np.minimum([prediction.time for prediction in window], clock)
            callers = [prediction.key for prediction in window]
            counted = counted.with_rows(
                bundle.reference, LivePredictions(bundle, Window(window, {})).observed, callers, times
            )
            last = (window[-1].time, window[-1].id)
        refused = predictions.refusals(bundle.version, known=(before.refusal, now.refusal))
        counted = counted.with_refusal_counts(door_of(bundle.kind), refused, first)
        if predictions.position().index != now.index:
            raise ConflictError("The index of the prediction log was made anew during the look; look again.")
        return replace(counted, position=now, looked=min(counted.looked, counted.whole))

    def with_rows(
        self,
        reference: Reference,
        observed: Mapping[str, NumberArray],
        callers: Sequence[str | None],
        times: NDArray[np.float64],
    ) -> BucketCounts:
        """The same with more observed rows; `times` has shape (n,).

        A row that a caller sent again counts once a bucket.
        """
        hashes, sent = reference.hashes(observed, callers), self.sent
        rows, begun = self.rows + len(times), -(-(self.rows + len(times)) // self.bucket)
        counts, outside = (_grown(array, begun, 0) for array in (self.counts, self.outside))
        moments = _grown(self.times, begun, np.nan)
        for number in range(self.whole, begun):
            part = slice(max(0, number * self.bucket - self.rows), (number + 1) * self.bucket - self.rows)
            some = {name: values[part] for name, values in observed.items()}
            fresh, once = None, some
            if hashes is not None:
                fresh = first_of_each(hashes[part], self.bucket, sent)
                once = {name: values[fresh] for name, values in some.items()}
                sent = np.concatenate([sent, hashes[part]]) if number >= rows // self.bucket else sent[:0]
            counts[number] += reference.count(some, counted=fresh, times=times[part])
            outside[number] += far_in(reference, once)
            moments[number, 0] = np.fmin(moments[number, 0], times[part].min())
            moments[number, 1] = np.fmax(moments[number, 1], times[part].max())
        return replace(self, counts=counts, outside=outside, times=moments, rows=rows, sent=sent)

    def with_refusal_counts(
        self, names: Sequence[tuple[str, str]], refusals: Sequence[RefusalCount], first: int
    ) -> BucketCounts:
        """The same with the refusals, each in the first bucket from `first` on that ends after its time."""
        refused = _grown(self.refused, self.whole + 1, 0) if refusals else self.refused
        for one in refusals:
            place = first + int(np.searchsorted(np.maximum.accumulate(self.ends[first:]), one.time))
            name = (one.field if (one.field, one.reason) in names else BODY, one.reason)
            refused[place, names.index(name)] += one.rows
        return replace(self, refused=refused)

    def save(self, path: Path) -> None:
        """Write it; raises StoreError if that fails."""
        content, position = io.BytesIO(), self.position or Position("", 0)
        np.savez_compressed(
            content,
            counts=self.counts.astype(np.int32),
            outside=self.outside.astype(np.int32),
            times=self.times,
            refused=self.refused.astype(np.int32),
            rows=self.rows,
            index=np.array(position.index),
            entry=position.entry,
            refusal=position.refusal,
            looked=self.looked,
            sent=self.sent,
            told=np.array(msgspec.json.encode(self.told).decode()),
        )
        write_whole(path, content.getvalue())


def counted_in(path: Path, bundle: Bundle) -> BucketCounts:
    """The kept counts; empty if they are missing, damaged, or of another reference or an older omloop."""
    reference, looked = bundle.reference, 0
    try:
        with np.load(path, allow_pickle=False) as kept:
            looked = int(kept["looked"])
            counts, outside, refused = (kept[name].astype(np.int64) for name in ("counts", "outside", "refused"))
            position = Position(str(kept["index"]), int(kept["entry"]), int(kept["refusal"]))
            rows, times = int(kept["rows"]), kept["times"]
            told = msgspec.json.decode(str(kept["told"]), type=Episode | None)
            measured = (reference.bucket, counts, outside, times, refused)
            found = BucketCounts(*measured, rows, position, looked, told, kept["sent"])
    # `looked` is kept where it could be read: what was tested before is not told again.
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.DecodeError):
        return BucketCounts.nothing(bundle, looked)
    same = found.counts.shape[1:] == (reference.size,) and found.outside.shape[1:] == (len(reference.columns),)
    return found if same else BucketCounts.nothing(bundle)


def counted_path(folder: Path, version: str) -> Path:
    """The file of a version's counts."""
    return folder / f"{version}.npz"


def _grown(array: NDArray[Number], rows: int, fill: float) -> NDArray[Number]:
    """A copy with at least this many rows."""
    more = np.full((max(0, rows - len(array)), array.shape[1]), fill, array.dtype)
    return np.concatenate([array, more])


def with_refusals(reference: Reference, counted: BucketCounts) -> NDArray[np.int64]:
    """The counts of whole buckets, with the refusals if they are more than a few.

    A public server always refuses some requests. A bucket with a smaller refused share than `ABSENT` counts as one
    without refusals. References of an older omloop have no place for them: they stay as they are.
    """
    refused = counted.refused[: counted.whole]
    if not is_watched(reference) or not len(refused):
        return counted.buckets
    rows = refused.reshape(len(refused), -1, len(REASONS)).sum(axis=1)
    rows[rows.sum(axis=1) < ABSENT * (rows.sum(axis=1) + counted.bucket)] = 0
    bucket, reason = np.nonzero(rows)
    times = rows[bucket, reason]
    return reference.with_refusals(counted.buckets, np.repeat(bucket, times), np.repeat(1 + reason, times))
