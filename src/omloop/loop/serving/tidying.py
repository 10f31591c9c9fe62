"""Housekeeping of a server: it compresses its prediction log and removes the leftovers of killed writers."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING

from omloop.core import OmloopError, leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from omloop.core import Predictions

EVERY_S = 60.0
FIRST_S = 1.0
END_S = 0.5
"""What is being compressed as the server ends is compressed by the next one."""
OLD_S = 86_400.0
"""After a day without a change a temporary file is surely that of a writer that was killed."""
FOLDERS = ("predictions", "runs", "versions")
_log = logging.getLogger("omloop.serve")


@contextlib.contextmanager
def kept_tidy(predictions: Predictions, root: Path, *, every_s: float = EVERY_S) -> Iterator[None]:
    """Tidy in a thread, now and then, while the context lasts; after a failure, warn in the log and try again later."""
    over = threading.Event()

    def work() -> None:
        if not over.wait(FIRST_S):
            _tried(lambda: remove_leftovers(root, now=time.time()))
        while not over.is_set():
            _tried(predictions.tidy)
            over.wait(every_s)

    thread = threading.Thread(target=work, name="omloop-tidy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=END_S)


def old_leftovers(root: Path, *, now: float) -> list[Path]:
    """Temporary files that a killed writer left in a workspace, more than a day before `now`."""
    return [path for name in FOLDERS for path in leftovers(root / name, before=now - OLD_S)]


def remove_leftovers(root: Path, *, now: float) -> None:
    """Remove the old leftovers; raises OSError if a removal fails."""
    for path in old_leftovers(root, now=now):
        path.unlink(missing_ok=True)
        _log.info("removed %s, which a killed process left behind", path)


def _tried(act: Callable[[], None]) -> None:
    try:
        act()
    except (OmloopError, OSError) as error:
        _log.warning("could not tidy up, trying again later: %s", error)
