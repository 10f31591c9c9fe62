"""Predictions in a folder: segments that are the truth, and an index made from them."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from omloop.core import Label, Prediction, Receipt, Window
from omloop.monitor.feedback import Known, judge
from omloop.monitor.index import Damage, Index, Row
from omloop.monitor.records import frame_label, frame_prediction
from omloop.monitor.segments import SEGMENT_BYTES, Segments


class FilePredictions:
    """The memory of predictions in `folder`, shared by as many threads and processes as like.

    `folder/segments/` holds the log, `folder/index.sqlite` the index. Nothing is made before the first call. `clock`
    gives seconds since 1970 and names new segments.

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

    def __init__(
        self, folder: Path, *, clock: Callable[[], float] = time.time, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._segments = Segments(folder / "segments", clock=clock, limit=segment_bytes)
        self._index = Index(folder)

    def record(self, predictions: Sequence[Prediction]) -> None:
        """Keep answered predictions, all of them or none; when this returns they survive the death of the process.

        Raises DataError for what JSON cannot hold and StoreError when the log cannot be written. A power cut may take
        what the system had not yet written to the disk.
        """
        if predictions:
            self._segments.append(b"".join(map(frame_prediction, predictions)))

    def feedback(self, labels: Sequence[Label]) -> Receipt:
        """Keep labels of earlier predictions and say what became of each; see `judge`. All are kept or none."""

        def keep(known: Mapping[str, Known]) -> Receipt:
            receipt, kept = judge(labels, known)
            if kept:
                self._segments.append(b"".join(map(frame_label, kept)))
            return receipt

        return self._index.decide([label.id for label in labels], keep)

    def find(self, prediction: str) -> dict[str, Any] | None:
        """A prediction by its id: id, time, version, inputs, output, latency_ms, label (None if there is none yet)."""
        row = self._index.find(prediction)
        if row is None:
            return None
        names = ("id", "time", "version", "inputs", "output", "latency_ms")
        return {**dict(zip(names, _decoded(row), strict=True)), "label": _label(row)}

    def window(self, *, version: str | None = None, newest: int | None = None, labelled: bool = False) -> Window:
        """Live predictions, oldest first: of one version, only the newest so many, only those with a label."""
        rows = self._index.window(version, newest, labelled=labelled)
        labels = {row[0]: _label(row) for row in rows if row[6] is not None}
        return Window(tuple(Prediction(*_decoded(row)) for row in rows), labels)

    def damage(self) -> Damage:
        """What could not be read of the log: records that were skipped, and segments that end within one."""
        return self._index.damage()

    def close(self) -> None:
        """Let go of files; later calls raise StoreError."""
        self._segments.close()
        self._index.close()


def _decoded(row: Row) -> tuple[Any, ...]:
    id_, moment, version, inputs, output, latency_ms, _ = row
    return id_, moment, version, orjson.loads(inputs), orjson.loads(output), latency_ms


def _label(row: Row) -> Any:
    return None if row[6] is None else orjson.loads(row[6])
