"""Segments and their copies in a bucket: each server sends its own, and fetches those of the others.

A segment `X.log` lies there as `<project>/X/<from>-<to>`, whole lines of those bytes, compressed, never changed once
written. Only one folder writes a segment, so its copies never disagree. omloop appends the records of others to a
segment of the same name here, and indexes it like any other. `exchange/`, beside the segments, notes what it sent or
fetched of each.
"""

import contextlib
import gzip
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from omloop.core import Bucket, ConflictError, as_store_error, write_whole
from omloop.core._locks import hold
from omloop.monitor.log.sealed import LEVEL, name_of, open_segment, segment_files, segment_size

PIECE_BYTES = 8_000_000
"""The most bytes to send or fetch at once, which bounds memory."""
_RANGE = re.compile(r"(\d{15})-(\d{15})")
LOG = logging.getLogger("omloop.monitor")


class Exchange:
    """The exchange between the log's `segments/` in `folder` and a bucket under `prefix`.

    Threads and processes may use one folder at once. `clock` gives seconds since 1970. It does not fetch segments begun
    more than `keep_s` ago; 0 fetches all.
    """

    def __init__(
        self, folder: Path, bucket: Bucket, prefix: str, *, clock: Callable[[], float] = time.time, keep_s: float = 0.0
    ) -> None:
        self._segments, self._notes = folder / "segments", folder / "exchange"
        self._bucket, self._prefix = bucket, prefix
        self._clock, self._keep_s = clock, keep_s
        self._lock = threading.Lock()
        self._last = -1e9

    def send(self) -> None:
        """Send the new records of this folder's own segments; raises StoreError."""
        with self._alone():
            for path in segment_files(self._segments):
                if not self._note(path, "fetched").exists():
                    self._send(path)

    def fetch(self, older_than: float = 0.0) -> None:
        """Append the new records of the others' segments, at most once in that many seconds; raises StoreError."""
        if time.monotonic() - self._last < older_than:
            return
        with self._alone():
            begin = time.monotonic()
            own = {name_of(path) for path in segment_files(self._segments)}
            for name in self._bucket.list(self._prefix):
                fetched = self._segments / name
                is_own = name in own and not self._note(fetched, "fetched").exists()
                if not is_own and not self._note(fetched, "sent").exists() and not self._is_old(name):
                    self._fetch(fetched)
            self._last = begin

    def is_fetched(self, path: Path) -> bool:
        """Whether a segment is another folder's, so that more of it may come."""
        return self._note(path, "fetched").exists()

    def is_sent(self, path: Path) -> bool:
        """Whether all of a segment of this folder's own is in the bucket."""
        return (_number(self._note(path, "sent")) or 0) >= segment_size(path)

    def _send(self, path: Path) -> None:
        note = self._note(path, "sent")
        sent = _number(note)
        if sent is None:
            sent = max((end for _, end in self._pieces(name_of(path))), default=0)
            write_whole(note, str(sent).encode())
        if segment_size(path) <= sent:
            return
        with contextlib.ExitStack() as stack:
            file = open_segment(path)
            if file is None:
                return
            stack.enter_context(file)
            stack.enter_context(as_store_error("read", path))
            file.seek(sent)
            while piece := _whole_lines(file.read(PIECE_BYTES)):
                key = f"{self._prefix}/{name_of(path)}/{sent:015d}-{sent + len(piece):015d}"
                with contextlib.suppress(ConflictError):  # it was sent, and not noted
                    self._bucket.create(key, gzip.compress(piece, LEVEL, mtime=0))
                sent += len(piece)
                file.seek(sent)
                write_whole(note, str(sent).encode())

    def _fetch(self, path: Path) -> None:
        """Append new records, but not to a missing segment that has a note: this folder has deleted it."""
        note, size = self._note(path, "fetched"), path.stat().st_size if path.exists() else 0
        noted = _number(note)
        if noted and not path.exists():
            return
        if noted is None:
            write_whole(note, b"0")
        for start, end in self._pieces(path.name):
            if end <= size:
                continue
            if start > size:
                LOG.warning("%s lacks bytes %d to %d in the bucket; read all before them", path.name, size, start)
                return
            content = gzip.decompress(self._bucket.read(f"{self._prefix}/{path.name}/{start:015d}-{end:015d}"))
            with as_store_error("write", path), path.open("ab") as file:
                file.write(content[size - start :])
            size = end
            write_whole(note, str(size).encode())

    def _pieces(self, name: str) -> Sequence[tuple[int, int]]:
        """From and to of each piece of a segment that is in the bucket, in order."""
        found = (_RANGE.fullmatch(one) for one in self._bucket.list(f"{self._prefix}/{name}"))
        return sorted((int(one[1]), int(one[2])) for one in found if one)

    def _note(self, path: Path, what: str) -> Path:
        return self._notes / f"{name_of(path)}.{what}"

    def _is_old(self, name: str) -> bool:
        began = name.partition("-")[0]
        return bool(self._keep_s) and began.isdigit() and self._clock() - int(began) / 1e9 > self._keep_s

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other thread and no other process exchanges for this folder."""
        with self._lock:
            with as_store_error("write", self._notes):
                self._notes.mkdir(parents=True, exist_ok=True)
                self._segments.mkdir(parents=True, exist_ok=True)
                lock = (self._notes / "lock").open("wb")
            with lock:
                hold(lock.fileno())
                yield


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _number(note: Path) -> int | None:
    """The content of a note; None if it is missing or truncated."""
    try:
        return int(note.read_text())
    except (OSError, ValueError):
        return None
