"""Lines of JSON at the end of a file, written by a thread: a slow or full disk holds nobody up."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import orjson

from omloop.core import as_store_error

EVERY_S = 0.25
"""How often to write lines: `kill -9` loses this much of them, and what the system had not taken yet."""
MOST_WAITING = 100_000
"""The most lines that wait for a disk; it drops and counts further ones."""
LOG = logging.getLogger("omloop.track")


class LineWriter:
    """Makes the file at `path` and appends objects to it as lines of JSON; raises StoreError where making it fails."""

    def __init__(self, path: Path) -> None:
        self._lines = _Lines(path)
        self._thread: threading.Thread | None = None
        self._close = weakref.finalize(self, self._lines.close)

    def put(self, line: Mapping[str, object]) -> None:
        """Take a line, which is on its way to the disk a quarter of a second later."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._lines.run, name="omloop-lines", daemon=True)
            self._thread.start()
        if len(self._lines.waiting) < MOST_WAITING:
            self._lines.waiting.append(line)
        else:
            self._lines.lost += 1

    def flush(self) -> None:
        """Write what waits, now."""
        self._lines.write()

    def close(self) -> int:
        """Write all waiting lines and close the file; gives the number of lost lines. Later lines go nowhere."""
        self._close()
        return self._lines.lost


class _Lines:
    """The state that the thread holds. The thread holds no writer, so that Python frees an unclosed writer."""

    def __init__(self, path: Path) -> None:
        with as_store_error("write", path):
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        self._path, self._lock, self._over, self._warned = path, threading.Lock(), threading.Event(), False
        self.waiting: deque[Mapping[str, object]] = deque()
        self.lost = 0

    def run(self) -> None:
        while not self._over.wait(EVERY_S):
            self.write()

    def write(self) -> None:
        """Append what waits; what a disk does not take waits on."""
        with self._lock:
            if not self.waiting or self._file < 0:
                return
            lines = [self.waiting.popleft() for _ in range(len(self.waiting))]
            try:
                self._append(b"".join(map(encode_line, lines)))
            except OSError as error:
                self.waiting.extendleft(reversed(lines))
                self._warn(error)

    def close(self) -> None:
        self._over.set()
        self.write()
        with self._lock:
            if self._file >= 0:
                self.lost += len(self.waiting)
                os.close(self._file)
                self._file = -1

    def _append(self, content: bytes) -> None:
        """Append all of it or nothing, so that every line is whole."""
        size, rest = os.fstat(self._file).st_size, memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, size)
            raise

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            told = "The run goes on; numbers wait in memory for room."
            LOG.warning("cannot write %s: %s. %s", self._path, error.strerror or error, told)


def encode_line(line: Mapping[str, object]) -> bytes:
    r"""One line of JSON; numbers that JSON has no word for stand as Python writes them.

    >>> encode_line({"step": 1, "loss": float("nan")}), encode_line({"step": 2, "loss": 0.5})
    (b'{"step": 1, "loss": NaN}\n', b'{"step":2,"loss":0.5}\n')
    """
    with contextlib.suppress(TypeError):  # such as a name that is no UTF-8
        content = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        if b"null" not in content:
            return content
    return f"{json.dumps(line)}\n".encode()
