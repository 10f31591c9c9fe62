"""Servers in processes of their own, for as long as a context lasts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError
from omloop.loop.workspace import Workspace
from omloop.serve.settings import ServeSettings

if TYPE_CHECKING:
    from omloop.bundle import Bundle

END_S = 30.0
CHOSEN, CHOSEN_OF_SERVER = (
    ("store", "predictions"),
    ("threads", "workers", "batch", "variant", "keys", "requests_per_minute"),
)
"""Settings that a server is told, whatever it would find itself."""


@dataclass(frozen=True)
class ServerAddress:
    """A server's address, and the version that it serves."""

    url: str
    bundle: Bundle


@contextmanager
def champion_apart(name: str, workspace: Workspace) -> Iterator[ServerAddress]:
    """Serve a copy of the champion on a free loopback port, with a prediction log that disappears afterwards.

    The requests of a test must not fill the log of live predictions. The copy lies inside the workspace, so that
    recording costs what it costs there. Raises OmloopError when there is no champion.
    """
    with champion_copied(name, workspace) as (apart, bundle), server(name, apart) as url:
        yield ServerAddress(url, bundle)


@contextmanager
def champion_copied(name: str, workspace: Workspace) -> Iterator[tuple[Workspace, Bundle]]:
    """A workspace with nothing but the champion, inside the given one, for as long as the context lasts."""
    registry = workspace.registry(name)
    bundle = registry.load(registry.require_champion())
    with ended_by_signals(), workspace.apart("load") as apart:
        version = apart.registry(name).add(bundle, by="load")
        apart.registry(name).promote(version, expected=None, by="load", reason="a load test")
        yield apart, bundle


@contextmanager
def server(name: str, workspace: Workspace) -> Iterator[str]:
    """`omloop serve` on a free loopback port, in a process of its own; gives its address, and ends it by its id."""
    with session(name, workspace) as (url, _):
        yield url


@contextmanager
def session(name: str, workspace: Workspace, *, quiet: bool = False) -> Iterator[tuple[str, int]]:
    """The same with the id of the process, which is also the session id of all the server's processes.

    Nobody sees the log of a `quiet` server.

    The server has a session of its own. So Ctrl-C reaches this process alone, which then ends the server.
    """
    settings = workspace.settings
    words = ["serve", name, "--host", "127.0.0.1", "--port", "0", *places_of(workspace)]
    of_server = settings.of(ServeSettings)
    chosen = {name: getattr(settings, name) for name in CHOSEN}
    chosen |= {name: getattr(of_server, name) for name in CHOSEN_OF_SERVER}
    environment = {f"OMLOOP_{name.upper()}": str(value) for name, value in chosen.items()}
    with command_apart(words, environment, quiet=quiet) as started:
        yield started


def places_of(workspace: Workspace) -> list[str]:
    """The words of a command line that name a workspace's folder and that of its projects."""
    return ["--workspace", str(workspace.root), "--projects", str(Path(workspace.settings.projects).resolve())]


@contextmanager
def command_apart(
    words: Sequence[str], environment: Mapping[str, str], *, quiet: bool = False
) -> Iterator[tuple[str, int]]:
    """A command of omloop that tells its address with `--json`, in a process of its own, ended by its id.

    Gives the address and the id of the process; see `session`. Raises OmloopError when it does not start.
    """
    with (
        ended_by_signals(),
        subprocess.Popen(
            [sys.executable, "-m", "omloop", *words, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            text=True,
            env={**os.environ, **environment},
            start_new_session=True,
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise OmloopError("It did not start; its message stands above.")
            yield json.loads(line)["address"], process.pid
        finally:
            process.terminate()
            _wait(process)


def _wait(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()  # its workers notice that it is gone, and end


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does, so that no servers or folders stay behind.

    A shell's background job ignores Ctrl-C. Here it must not, because it would ignore the other two as well.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
    # Python ends at once on either, and runs no `finally`: servers and folders would be left behind.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup's wish is kept
            handlers[number] = lambda *_: signal.raise_signal(signal.SIGINT)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
