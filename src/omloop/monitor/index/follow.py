"""Indexes new records soon, in a thread, so that others with the same index see them."""

import logging
import threading
from collections.abc import Callable

from omloop.core import OmloopError

SOON_S = 1.0
"""One transaction indexes the records of a second; the others see them soon enough."""
LATER_S = 10.0
"""It does not ask an absent database all the time, and does not miss its return for long."""
END_S = 3.0
"""A stopping server takes no longer of the 10 s that Cloud Run gives it; the next process with the log continues."""
_log = logging.getLogger("omloop.monitor")


class Follower:
    """Calls `catch_up` in a thread about `soon_s` after `wake`, and again every `later_s` while it fails.

    `done` is the word for people about new records: indexed, or sent.
    """

    def __init__(
        self,
        catch_up: Callable[[], None],
        *,
        soon_s: float = SOON_S,
        later_s: float = LATER_S,
        done: str = "indexed",
    ) -> None:
        self._catch_up = catch_up
        self._soon_s = soon_s
        self._later_s = later_s
        self._done = done
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed = False

    def wake(self) -> None:
        """Say that there is something new. Costs next to nothing if it already knew."""
        if self._wanted.is_set():
            return
        self._wanted.set()
        with self._lock:
            if self._thread is None and not self._over.is_set():
                self._thread = threading.Thread(target=self._work, name="omloop-index", daemon=True)
                self._thread.start()

    def close(self) -> bool:
        """Catch up a last time, and end; False where that failed or takes too long: the next process does it."""
        with self._lock:
            self._over.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=END_S)
        return self._thread is None or not (self._failed or self._thread.is_alive())

    def _work(self) -> None:
        over = False
        while not over:
            self._wanted.wait()
            over = self._over.wait(self._later_s if self._failed else self._soon_s)
            self._wanted.clear()  # before it is tried: what comes meanwhile wakes it again
            self._try()

    def _try(self) -> None:
        try:
            self._catch_up()
        except (OmloopError, OSError) as error:
            if not self._failed and not self._over.is_set():
                told = "what is recorded is not %s now, trying again every %g s: %s"
                _log.warning(told, self._done, self._later_s, error)
            self._failed = True
            self._wanted.set()
        else:
            if self._failed:
                _log.info("what was recorded is %s again", self._done)
            self._failed = False
