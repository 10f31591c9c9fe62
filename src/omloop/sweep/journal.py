"""Optuna's journal of a study as one file. A kill at any moment leaves it usable, and an error names other damage."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

from optuna.storages.journal import BaseJournalBackend, JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock

from omloop.core import StoreError, as_store_error
from omloop.core import _locks as locks


class Journal(BaseJournalBackend):  # type: ignore[misc]
    """A file of JSON lines. It drops a line that a kill cut; any other damage is a StoreError with its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with as_store_error("write", path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _SystemLock(path) if os.name == "posix" else None
            self._backend = JournalFileBackend(str(path), lock)
            if lock is not None:
                with lock:
                    pass

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """Every entry from a number on."""
        try:
            yield from self._backend.read_logs(log_number_from)
        except (ValueError, KeyError) as error:
            raise _damage(self.path) from error
        except OSError as error:
            raise StoreError(f"The study file {self.path} cannot be read: {error.strerror}.") from error

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write entries behind all others, whole or not at all as a later reader sees it."""
        with as_store_error("write", self.path):
            self._backend.append_logs(logs)


class _SystemLock(BaseJournalFileLock):  # type: ignore[misc]
    """The system's lock of a file beside the journal: it goes with its process, however that ends.

    Whoever takes it first drops the line that a killed writer cut, and only then writes. Optuna's own locks are files,
    which a killed process leaves behind for half a minute.
    """

    def __init__(self, path: Path) -> None:
        self._journal, self._path = path, path.with_name(f"{path.name}.lock")
        self._descriptor = -1

    def acquire(self) -> bool:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        locks.hold(self._descriptor)
        _take_off_cut_line(self._journal)
        return True

    def release(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _take_off_cut_line(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        if file.read(1) in (b"\n", b""):
            return
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
    os.truncate(path, whole)


def _damage(path: Path) -> StoreError:
    """The error for a damaged journal; it names the first line that is no entry."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                sound = isinstance(json.loads(line), dict)
            except ValueError:
                sound = False
            if not sound:
                return StoreError(
                    f"The study file {path} is damaged in line {number}. Take that line out to go on with what the "
                    f"others tell, or move the file away to begin again."
                )
    return StoreError(f"The study file {path} is no journal of Optuna's. Move it away to begin again.")
