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
from omloop.loop.faults import far_each
from omloop.loop.verdict import Live

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Predictions

AT_ONCE = 5_000
"""Predictions that are read from the log at a time."""


@dataclass(frozen=True)
class Counted:
    """Counts of shape (buckets, size) of a version's predictions in the order of the log.

    `far` says how many values of each column are of another unit, as `far_each` does; shape (buckets, columns).
    `starts` and `ends` are the earliest and the latest time of each bucket's predictions, `last` is the time and id of
    the last one counted, and `looked` says how many buckets were tested.
    """

    buckets: NDArray[np.int64]
    far: NDArray[np.int64]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
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
            observed, end = Live(bundle, whole).observed, whole.predictions[-1]
            times = np.array([prediction.time for prediction in whole.predictions]).reshape(-1, reference.bucket)
            counted = replace(
                counted,
                buckets=np.concatenate([counted.buckets, reference.buckets(observed, times=times.ravel())]),
                far=np.concatenate([counted.far, far_each(reference, observed)]),
                starts=np.append(counted.starts, times.min(axis=1)),
                ends=np.append(counted.ends, times.max(axis=1)),
                last=(end.time, end.id),
            )

    def save(self, path: Path) -> None:
        """Write it; raises StoreError when that cannot be done."""
        content = io.BytesIO()
        time, id_ = self.last or (0.0, "")
        np.savez_compressed(
            content,
            buckets=self.buckets.astype(np.int32),
            far=self.far.astype(np.int32),
            starts=self.starts,
            ends=self.ends,
            time=time,
            id=np.array(id_),
            looked=self.looked,
        )
        write_whole(path, content.getvalue())


def counted_in(path: Path, bundle: Bundle) -> Counted:
    """What was counted before, nothing where that is missing, damaged or of another reference."""
    sizes = (bundle.reference.size, len(bundle.reference.columns))
    nothing = Counted(*(np.zeros((0, size), np.int64) for size in sizes), np.zeros(0), np.zeros(0))
    try:
        with np.load(path, allow_pickle=False) as kept:
            buckets, far = kept["buckets"].astype(np.int64), kept["far"].astype(np.int64)
            last = (float(kept["time"]), str(kept["id"])) if len(buckets) else None
            found = Counted(buckets, far, kept["starts"], kept["ends"], last, int(kept["looked"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return nothing
    return found if found.buckets.shape[1:] == nothing.buckets.shape[1:] else nothing


def counted_path(folder: Path, version: str) -> Path:
    """Where a version's counts are kept."""
    return folder / f"{version}.npz"
