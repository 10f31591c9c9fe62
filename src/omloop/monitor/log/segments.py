"""The log itself: append-only files, each written by one process only."""

import contextlib
import errno
import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from omloop.core import StoreError, as_store_error, sync_folder
from omloop.core._locks import hold
from omloop.monitor.log.disk import Disk

SEGMENT_BYTES = 64_000_000
"""omloop compresses and deletes segments whole: smaller ones sooner, but there are more of them."""
SEGMENT_SECONDS = 86_400.0
"""A quiet server's log is compressed and deleted by the day."""
_BLOCK = 4096  # of a file system: whether a file of one byte fits says little


@dataclass(slots=True, eq=False)
class _Open:
    path: Path
    descriptor: int
    until: float
    size: int = 0


class Segments:
    """Appends to `folder`, one file a writing process, named `<time_ns>-<pid>-<random>.log`.

    The first write creates the file; a new one begins after `limit` bytes or `seconds`. With a `disk` each write waits
    until it is there. Safe for threads. One object belongs to one process: make another after a fork.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], float],
        limit: int = SEGMENT_BYTES,
        seconds: float = SEGMENT_SECONDS,
        disk: Disk | None = None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._limit = limit
        self._seconds = seconds
        self._disk = disk
        self._lock = threading.Lock()
        self._open: _Open | None = None
        self._closed = False
        self._spare: int | None = None  # a descriptor that is held back for the next segment

    def append(self, content: bytes) -> None:
        """Write `content`, whole lines, in one call of the system: when this returns it survives the process.

        Raises StoreError if it could not write all; then none of it stays. With a `disk` also if the disk may lack it;
        then it may stay.
        """
        try:
            with self._lock:
                segment = self._write(content)
                ticket = self._disk.wrote(segment.descriptor) if self._disk else 0
                # Only behind a write: a segment is a little longer than the limit, and no record lies in two.
                if segment.size >= self._limit:
                    self._end()
            if self._disk:
                self._settle(self._disk, ticket, segment)
        except OSError as error:
            with as_store_error("write", self._folder):
                raise error

    def check(self, *, write: bool = False) -> None:
        """Raise StoreError if it could not keep a record now; `write` writes a file to find out.

        It releases an open segment that somebody has removed, so that the next record begins another: nobody would ever
        read a removed one. Raises StoreError for what it lost, once.
        """
        try:
            with self._lock:
                if self._spare is None:
                    self._spare = _spare()
                lost = self._open if self._open is not None and _removed(self._open) else None
                if lost is not None:
                    self._end()
                _require_room(self._folder, write=write)
        except OSError as error:
            with as_store_error("write", self._folder):
                raise error
        if lost is not None:
            raise StoreError(f"{lost.path} was removed while it was written, with {lost.size:,} bytes of records.")

    def end_if_due(self) -> None:
        """Release the file when it is old enough, so that omloop compresses a quiet server's log too."""
        with self._lock:
            if self._open is not None and self._clock() >= self._open.until:
                self._end()

    def close(self) -> None:
        """Let go of the file; a later `append` raises StoreError."""
        with self._lock:
            self._end()
            self._closed = True
            self._release()

    def _write(self, content: bytes) -> _Open:
        if self._closed:
            raise StoreError(f"The prediction log {self._folder} was closed; open it again to write.")
        if self._open is not None and self._clock() >= self._open.until:
            self._end()
        segment = self._open or self._begin()
        try:
            _write_all(segment.descriptor, content)
        except BaseException:
            self._undo(segment)
            raise
        segment.size += len(content)
        return segment

    def _settle(self, disk: Disk, ticket: int, segment: _Open) -> None:
        try:
            disk.settle(ticket)
        except OSError:
            with self._lock:
                if self._open is segment:  # a disk that failed once is not trusted with this file again
                    self._end()
            raise

    def _begin(self) -> _Open:
        self._folder.mkdir(parents=True, exist_ok=True)
        now = self._clock()
        path = self._folder / f"{int(now * 1e9):019d}-{os.getpid()}-{secrets.token_hex(4)}.log"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(path, flags, 0o666)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or self._spare is None:
                raise
            self._release()  # connections took all others: this one was held back for the log
            descriptor = os.open(path, flags, 0o666)
        try:
            hold(descriptor)
            vanished = os.fstat(descriptor).st_nlink == 0  # taken for a dead process's before we held it
        except OSError:
            os.close(descriptor)
            raise
        if vanished:
            os.close(descriptor)
            return self._begin()
        if self._disk:
            # New names in the folders above must survive too: of the log, of the project, of `predictions`.
            for folder in (self._folder, *list(self._folder.parents)[:3]):
                sync_folder(folder)
        self._open = _Open(path, descriptor, now + self._seconds)
        return self._open

    def _release(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _undo(self, segment: _Open) -> None:
        """Cut off a half-written record. A reader may have seen some of it, so nobody writes the file again."""
        with contextlib.suppress(OSError):
            os.ftruncate(segment.descriptor, segment.size)
        self._end()
        if segment.size == 0:
            with contextlib.suppress(OSError):
                segment.path.unlink()

    def _end(self) -> None:
        if self._open is not None:
            if self._disk:
                self._disk.leave()
            os.close(self._open.descriptor)
            self._open = None


def _spare() -> int | None:
    with contextlib.suppress(OSError):
        return os.open(os.devnull, os.O_RDONLY)
    return None


def _removed(segment: _Open) -> bool:
    """Whether the path is no longer that of the open file: removed, or with another folder in the place of its own."""
    try:
        there = segment.path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    return not os.path.samestat(there, os.fstat(segment.descriptor))


def _require_room(folder: Path, *, write: bool) -> None:
    """Raise OSError where the folder, or the nearest above it that exists, takes no file of a block."""
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    if hasattr(os, "statvfs") and os.statvfs(folder).f_bavail == 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if write:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_BLOCK))


def _write_all(descriptor: int, content: bytes) -> None:
    written = os.write(descriptor, content)
    while written < len(content):  # a nearly full disk takes a part; the next call says why
        written += os.write(descriptor, content[written:])
