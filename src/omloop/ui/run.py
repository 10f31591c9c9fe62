"""Running the page on a socket that listens already, until a signal ends it."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_S = 2
"""Shutdown waits no longer than this for open pages: each connects again by itself."""


def run(app: ASGIApp, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Show the page until SIGINT or SIGTERM, and call `ready` once it answers. Call this from the main thread."""
    _Server(app, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it is ready, and ends normally by a signal."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the page; uvicorn would raise them once more at the end."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
