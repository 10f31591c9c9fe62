"""The live predictions of a version as counts in the reference's cells, kept so that each is counted once.

It is a cache: deleted, it is made again from the log.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import write_whole
from omloop.loop.verdict import Live

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Predictions

AT_ONCE = 5_000
"""Predictions that are read from the log at a time."""


@dataclass(frozen=True)
class Counted:
    """Counts of shape (buckets, size) of a version's predictions in the order of the log.

    `starts` are the times of the first prediction of each bucket, `last` is the time and id of the last one counted,
    and `looked` says how many buckets were tested.
    """

    buckets: NDArray[np.int64]
    starts: NDArray[np.float64]
    last: tuple[float, str] | None = None
    looked: int = 0

    def until_now(self, bundle: Bundle, predictions: Predictions) -> Counted:
        """The same with every whole bucket that was logged since."""
        reference, counted = bundle.reference, self
        while True:
            window = predictions.window(version=bundle.version, after=counted.last, oldest=AT_ONCE)
            rows = len(window.predictions) // reference.bucket * reference.bucket
            if not rows:
                return counted
            whole = replace(window, predictions=window.predictions[:rows])
            callers = [prediction.key for prediction in whole.predictions]
            more = reference.buckets(Live(bundle, whole).observed, callers)
            begun, end = whole.predictions[:: reference.bucket], whole.predictions[-1]
            counted = replace(
                counted,
                buckets=np.concatenate([counted.buckets, more]),
                starts=np.append(counted.starts, [first.time for first in begun]),
                last=(end.time, end.id),
            )

    def save(self, path: Path) -> None:
        """Write it; raises StoreError when that cannot be done."""
        content = io.BytesIO()
        time, id_ = self.last or (0.0, "")
        np.savez_compressed(
            content,
            buckets=self.buckets.astype(np.int32),
            starts=self.starts,
            time=time,
            id=np.array(id_),
            looked=self.looked,
        )
        write_whole(path, content.getvalue())


def counted_in(path: Path, bundle: Bundle) -> Counted:
    """What was counted before, nothing where that is missing, damaged or of another reference."""
    nothing = Counted(np.zeros((0, bundle.reference.size), np.int64), np.zeros(0))
    try:
        with np.load(path, allow_pickle=False) as kept:
            buckets = kept["buckets"].astype(np.int64)
            last = (float(kept["time"]), str(kept["id"])) if len(buckets) else None
            found = Counted(buckets, kept["starts"], last, int(kept["looked"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return nothing
    return found if found.buckets.shape[1:] == nothing.buckets.shape[1:] else nothing


def counted_path(folder: Path, version: str) -> Path:
    """Where a version's counts are kept."""
    return folder / f"{version}.npz"
