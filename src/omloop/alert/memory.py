"""The state of one project's alerts in a small file: whole whatever happens, and written by one process at a time."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from omloop.alert.state import State
from omloop.core import as_store_error, write_whole

try:
    import fcntl
except ImportError:  # Windows, where two looks at the same moment may tell the same thing twice
    _fcntl: Any = None
else:
    _fcntl = fcntl

STATE = "state.json"
LOG = logging.getLogger("omloop.alert")


@contextlib.contextmanager
def exclusive(home: Path) -> Iterator[None]:
    """Wait until no other process is in here; the system's lock goes with a process however that ends."""
    path = home / "state.lock"
    with as_store_error("write", path):
        home.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        if _fcntl is not None:
            _fcntl.flock(file, _fcntl.LOCK_EX)
        yield


def read_state(home: Path, project: str) -> State:
    """The saved state; without one, an empty state.

    It sets an unreadable file aside and starts again: sending twice is better than never again.
    """
    path = home / STATE
    with as_store_error("read", path):
        try:
            return msgspec.json.decode(path.read_bytes(), type=State)
        except FileNotFoundError:
            return State(project)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            aside = path.replace(path.with_suffix(".damaged"))
            LOG.warning("the state of the alerts cannot be read (%s); it is now %s, and all begins anew", error, aside)
            return State(project)


def write_state(home: Path, state: State) -> None:
    """Save `state`; raises StoreError, and then the former state stays."""
    write_whole(home / STATE, msgspec.json.encode(state))
