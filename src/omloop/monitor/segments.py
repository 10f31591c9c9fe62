"""The log itself: append-only files, each written by one process only."""

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omloop.core import StoreError, saying

SEGMENT_BYTES = 64_000_000


@dataclass(frozen=True)
class _Open:
    path: Path
    descriptor: int


class Segments:
    """Appends to `folder`, one file a writing process, called `<time_ns>-<pid>-<random>.log`.

    The first write creates the file, and a file of `limit` bytes is followed by a new one. Safe for threads. One object
    belongs to one process: make another after a fork.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float], limit: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._closed = False

    def append(self, content: bytes) -> None:
        """Write `content`, whole lines, in one call of the system: when this returns it survives the process.

        Raises StoreError when not all of it could be written; then none of it stays.
        """
        with self._lock, saying("write", self._folder):
            if self._closed:
                raise StoreError(f"The prediction log {self._folder} was closed; open it again to write.")
            segment = self._open or self._begin()
            start = os.lseek(segment.descriptor, 0, os.SEEK_END)
            try:
                _write_all(segment.descriptor, content)
            except BaseException:
                self._undo(segment, start)
                raise
            if start + len(content) >= self._limit:
                self._end()

    def close(self) -> None:
        """Let go of the file; a later `append` raises StoreError."""
        with self._lock:
            self._end()
            self._closed = True

    def _begin(self) -> _Open:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{int(self._clock() * 1e9):019d}-{os.getpid()}-{secrets.token_hex(4)}.log"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._open = _Open(path, os.open(path, flags, 0o666))
        return self._open

    def _undo(self, segment: _Open, start: int) -> None:
        """Cut off what was half written. A reader may have seen some of it, so the file is never written again."""
        with contextlib.suppress(OSError):
            os.ftruncate(segment.descriptor, start)
        self._end()
        if start == 0:
            with contextlib.suppress(OSError):
                segment.path.unlink()

    def _end(self) -> None:
        if self._open is not None:
            os.close(self._open.descriptor)
            self._open = None


def segment_files(folder: Path) -> list[Path]:
    """The segments in `folder`, by the time they were begun; none when there is no such folder yet."""
    with saying("read", folder):
        return sorted(folder.glob("*.log"))


def _write_all(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):  # a nearly full disk takes a part; the next call says why
        written += os.write(descriptor, content[written:])
