"""Waiting until records are on the disk: one wait of the disk for all who wait meanwhile (a group commit)."""

import errno
import os
import threading
from typing import Any


class Disk:
    """Which part of one log is surely on the disk. Safe for threads.

    Whoever wrote takes a ticket and settles it. The first to settle makes the disk take everything written so far.
    Later callers wait; most of them find afterwards that it covered theirs, or that the next one does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, -1)  # the newest ticket, and the file it is for
        self._safe = 0
        self._lost: list[range] = []

    def wrote(self, descriptor: int) -> int:
        """A ticket for what was just written to the file; one thread at a time may be here."""
        ticket = self._last[0] + 1
        self._last = (ticket, descriptor)
        return ticket

    def settle(self, ticket: int) -> None:
        """Return when what the ticket is for is on the disk; raises OSError when the disk did not take it."""
        with self._lock:
            if ticket > self._safe:
                self._force()
            if any(ticket in lost for lost in self._lost):
                raise OSError(errno.EIO, "the disk did not take what was written")

    def leave(self) -> None:
        """Have the disk take all before closing the file; holders of a ticket for it learn the result."""
        with self._lock:
            if self._last[0] > self._safe:
                self._force()

    def _force(self) -> None:
        """Sync the disk. After a failure, a later call may succeed without the records, so their tickets stay lost."""
        newest, descriptor = self._last
        try:
            _sync(descriptor)
        except OSError:
            self._lost.append(range(self._safe + 1, newest + 1))
        self._safe = newest  # after a failure too: its tickets are lost, and nobody waits for them again


def _sync(descriptor: int) -> None:
    system: Any = os
    if hasattr(system, "fdatasync"):
        system.fdatasync(descriptor)
        return
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined,unused-ignore]  # macOS
    except (ImportError, AttributeError):
        os.fsync(descriptor)
