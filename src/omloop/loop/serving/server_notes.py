"""Notes in the workspace of where a project's servers listen, so that other programs find them.

A note is a small file, `servers/PROJECT-PID.json`, that disappears with its server. A killed server leaves its note,
but its process is missing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from omloop.core import StoreError, is_there, this_process, write_whole

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

ANY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  how a server is told that listens on every address
_log = logging.getLogger("omloop.serve")


@contextlib.contextmanager
def noted(project: str, root: Path, ready: Callable[[str], None]) -> Iterator[Callable[[str], None]]:
    """A function that takes the server's address once it answers: it writes the note, then calls `ready`.

    So `ready` may look for the note. `root` is the workspace's folder, and the note disappears when the context ends.
    If it cannot write the note, it only warns in the log.
    """
    path = root / "servers" / f"{project}-{os.getpid()}.json"

    def tell(address: str) -> None:
        _remove_stale(path.parent)
        note = {"project": project, "address": within_reach(address), "started": time.time(), **this_process()}
        try:
            write_whole(path, json.dumps(note).encode())
        except StoreError as error:
            _log.warning("the web page will not find this server by itself: %s", error)
        ready(address)

    try:
        yield tell
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def server_of(name: str, workspace: Workspace) -> str | None:
    """The address of the project's newest server on this machine that still runs; None where there is none."""
    notes = [note for _, note in _notes(workspace.root / "servers") if note.get("project") == name and _runs(note)]
    newest = max(notes, key=lambda note: float(note["started"]), default=None)
    return None if newest is None else str(newest["address"])


def within_reach(address: str) -> str:
    """An address by which this machine reaches a server, also one that listens on all of its addresses.

    >>> within_reach("http://0.0.0.0:8000"), within_reach("http://[::]:80"), within_reach("http://10.0.0.1:8000")
    ('http://127.0.0.1:8000', 'http://[::1]:80', 'http://10.0.0.1:8000')
    """
    host, _, port = urlsplit(address).netloc.rpartition(":")
    return f"http://{ANY.get(host, host)}:{port}"


def _notes(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The notes that are readable and whole, with their paths."""
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ValueError):  # it went with its server, or is no note
            note = json.loads(path.read_bytes())
            if isinstance(note, dict) and {"address", "pid"} <= note.keys() and _is_number(note.get("started")):
                yield path, note


def _runs(note: Mapping[str, Any]) -> bool:
    """Whether the server is one of this machine that has not ended, as far as the system tells."""
    return note.get("machine") == this_process()["machine"] and is_there(note) is not False


def _remove_stale(folder: Path) -> None:
    """Take away what killed servers of this machine left."""
    for path, note in _notes(folder):
        if is_there(note) is False:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
