"""Predictions in a folder: segments that are the truth, and an index made from them."""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import orjson

from omloop.core import (
    Label,
    Position,
    Prediction,
    Receipt,
    RefusalCount,
    Shadow,
    StoreError,
    Window,
    as_store_error,
    leftovers,
)
from omloop.monitor.feedback import LabelState, judge
from omloop.monitor.index.index import Damage, Index, Row
from omloop.monitor.index.sqlite import SqliteDatabase
from omloop.monitor.index.tables import Database
from omloop.monitor.log.disk import Disk
from omloop.monitor.log.keeping import TEMPORARY_SECONDS, Keeping, SegmentFile, due
from omloop.monitor.log.records import frame_label, frame_prediction, frame_refusal, frame_shadow
from omloop.monitor.log.sealed import PACKED, seal, segment_files
from omloop.monitor.log.segments import Segments

_NAMES = ("id", "time", "version", "inputs", "output", "latency_ms", "variant", "key")
_log = logging.getLogger("omloop.monitor")


class FilePredictions:
    """The memory of predictions in `folder`, shared by any number of threads and processes.

    `folder/segments/` holds the log, `folder/index.sqlite` the index, unless another `database` does. It creates
    nothing before the first call. `clock` gives seconds since 1970 and names new segments. The index catches up when
    someone asks it, not before.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> predictions = FilePredictions(Path(folder.name))
    >>> predictions.record([Prediction("a", 0.0, "v1", {"age": 19}, {"value": 61.5}, 0.4)])
    >>> predictions.feedback([Label("a", 60.0, 1.0), Label("b", 70.0, 1.0)])
    Receipt(accepted=1, repeated=0, changed=0, unknown=('b',))
    >>> predictions.find("a")["output"], predictions.window(version="v1").labels
    ({'value': 61.5}, {'a': 60.0})
    >>> predictions.close()
    >>> folder.cleanup()
    """

    @classmethod
    def of(cls, address: str, folder: Path, *, keeping: Keeping | None = None) -> Self:
        """The log of the project with the name of `folder`: below the folder of an address, or in `folder`."""
        return cls(Path(address).expanduser() / folder.name if address else folder, keeping=keeping)

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        keeping: Keeping | None = None,
        database: Database | None = None,
    ) -> None:
        self._folder = folder / "segments"
        self._clock = clock
        self._keeping = keeping or Keeping()
        self._segments = Segments(
            self._folder,
            clock=clock,
            limit=self._keeping.segment_bytes,
            seconds=self._keeping.segment_seconds,
            disk=Disk() if self._keeping.durable else None,
        )
        self._index = Index(self._folder, database or SqliteDatabase(folder))

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Keep answered predictions, all of them or none; when this returns they survive the death of the process.

        Raises DataError for values that JSON cannot hold, and StoreError if writing the log fails. A power cut may take
        what the system had not yet written to the disk. With `durable` in `keeping`, this call waits for the disk,
        together with all other waiting calls.
        """
        if predictions:
            self._segments.append(b"".join(map(frame_prediction, predictions)))

    def record_shadows(self, shadows: Sequence[Shadow]) -> None:
        """Keep what a version on trial answered, as `record` keeps predictions."""
        if shadows:
            self._segments.append(b"".join(map(frame_shadow, shadows)))

    def record_refusals(self, refusals: Sequence[RefusalCount]) -> None:
        """Keep counts of refused requests, as `record` keeps predictions."""
        if refusals:
            self._segments.append(b"".join(map(frame_refusal, refusals)))

    def check(self, *, write: bool = False) -> None:
        """Raise StoreError if it could not record predictions now; see `Segments.check`."""
        self._segments.check(write=write)

    def feedback(self, labels: Sequence[Label]) -> Receipt:
        """Keep labels of earlier predictions, all or none, and say what became of each; see `judge`."""

        def keep(known: Mapping[str, LabelState]) -> Receipt:
            receipt, kept = judge(labels, known)
            if kept:
                self._segments.append(b"".join(map(frame_label, kept)))
            return receipt

        return self._index.decide([label.id for label in labels], keep)

    def find(self, prediction: str) -> dict[str, object] | None:
        """A prediction by its id, by the names of its fields, and its label (None if there is none yet)."""
        row = self._index.find(prediction)
        if row is None:
            return None
        return {**dict(zip(_NAMES, _decoded(row), strict=True)), "label": _label(row)}

    def window(
        self,
        *,
        version: str | None = None,
        newest: int | None = None,
        labelled: bool = False,
        after: tuple[float, str] | None = None,
        oldest: int | None = None,
        known: tuple[int, int] | None = None,
    ) -> Window:
        """Live predictions, oldest first: of one version, only the newest few, only those with a label.

        `after`, the time and id of a prediction, selects later ones, and `oldest` that many of them. `known` selects
        those indexed behind the first entry and not behind the second.
        """
        return _window(self._index.window(version, newest, labelled=labelled, after=after, oldest=oldest, known=known))

    def position(self) -> Position:
        """The end of the indexed records, which are all records."""
        return self._index.position()

    def shadowed(self, version: str, *, newest: int | None = None) -> Window:
        """Live predictions that `version` answered too, oldest first, with its answers; only the newest few."""
        rows = self._index.shadowed(version, newest)
        shadows = {row[0]: _shadow(row[0], version, *row[-3:]) for row in rows}
        return replace(_window([row[:-3] for row in rows]), shadows=shadows)

    def refusals(self, version: str, *, known: tuple[int, int] | None = None) -> tuple[RefusalCount, ...]:
        """The refusals of a version, oldest first; `known` selects those indexed between two positions."""
        return tuple(RefusalCount(*row) for row in self._index.refusals(version, known))

    def count(self, *, labelled: bool = False, since: float | None = None) -> int:
        """How many live predictions there are, or have a label; with `since`, only those made after it."""
        return self._index.count(labelled=labelled, since=since)

    def damage(self) -> Damage:
        """The unreadable parts of the log: skipped records, and segments that end within one."""
        return self._index.damage()

    def tidy(self) -> None:
        """Compress segments that nobody writes any more, forget those that are due, remove what killed writers left.

        Any number of processes may do so at once, while others write and read. Raises StoreError.
        """
        self._segments.end_if_due()
        if self._keeping.forgets:
            with contextlib.suppress(StoreError):  # compressing helps all the same, and forgetting asks again
                self._index.catch_up()  # before compressing, because a compressed segment is read from its beginning
        for path in leftovers(self._folder, before=self._clock() - TEMPORARY_SECONDS):
            with as_store_error("remove", path), contextlib.suppress(FileNotFoundError):
                path.unlink()
        for path in segment_files(self._folder):
            if path.suffix != PACKED and self._is_done(path):
                with as_store_error("compress", path), contextlib.suppress(FileNotFoundError):
                    seal(path)
        if self._keeping.forgets:
            self._forget()

    def close(self) -> None:
        """Let go of files; later calls raise StoreError."""
        self._segments.close()
        self._index.close()

    def _may_go(self, segment: Path) -> bool:
        """Whether it may delete a due segment."""
        return True

    def _is_done(self, segment: Path) -> bool:
        """Whether a segment no longer grows once no process here holds it."""
        return True

    def _forget(self) -> None:
        """Only compressed segments: nobody has seen a segment whole that may still grow."""
        found = [_lying(path) for path in segment_files(self._folder)]
        packed = {one.path for one in found if one.path.suffix == PACKED}
        old = [path for path in due(found, self._keeping, self._clock()) if path in packed and self._may_go(path)]
        gone = self._index.forget(old) if old else []
        if gone:
            _log.info("forgot %d segment(s) of predictions, %s to %s", len(gone), gone[0], gone[-1])


def _lying(path: Path) -> SegmentFile:
    try:
        found = path.stat()
    except FileNotFoundError:  # compressed or forgotten by another process meanwhile
        return SegmentFile(path, 0, float("inf"))
    return SegmentFile(path, found.st_size, found.st_mtime)


def _window(rows: Sequence[Row]) -> Window:
    labelled = [row for row in rows if row[-1] is not None]
    labels, times = {row[0]: _label(row[:-1]) for row in labelled}, {row[0]: row[-1] for row in labelled}
    return Window(tuple(Prediction(*_decoded(row[:-1])) for row in rows), labels, label_times=times)


def _shadow(id_: str, version: str, moment: float, output: str | None, latency_ms: float) -> Shadow:
    return Shadow(id_, moment, version, None if output is None else orjson.loads(output), latency_ms)


def _decoded(row: Row) -> tuple[Any, ...]:
    id_, moment, version, inputs, output, *others, _ = row
    return id_, moment, version, orjson.loads(inputs), orjson.loads(output), *others


def _label(row: Row) -> object:
    return None if row[-1] is None else orjson.loads(row[-1])
