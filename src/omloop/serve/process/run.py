"""Running the application: a socket that is surely ours, quiet logs, and an end that drops nobody."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn

from omloop.core import ServeError
from omloop.serve.http.asgi import Front
from omloop.serve.http.fast_path import shortcut, sweep
from omloop.serve.process.accept import Acceptor, Alone, ConnectionCounts
from omloop.serve.process.listen import BACKLOG, GRACE_S, address, listening, turn_away

SWITCH_S = 0.0005
"""A tenth of Python's own: how long a thread keeps the lock while the event loop waits for it."""
_TICK_S = 0.02  # how often an end is looked for: below what anybody notices of it
_HANDSHAKE_S = 0.05
"""How long to wait for begun handshakes before closing the listener."""
_log = logging.getLogger("omloop.serve")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(
    app: Front,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    ready: Callable[[str], None] | None = None,
    grace_s: float = GRACE_S,
    drain_s: float = 0.0,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what runs within `grace_s` seconds and return.

    For `drain_s` seconds after the signal it still accepts new connections, so that a load balancer learns from
    `/readyz` to ask others. Each answer is then the last on its connection. Port 0 takes a free one; `ready` gets the
    address once the server accepts requests. Call it from the main thread: only there do signals arrive. Raises
    ServeError if it cannot listen on the address or the application does not start.
    """
    with listening(host, port) as listener:
        where = address(listener)
        server = Server(app, grace_s=grace_s, drain_s=drain_s, ready=lambda: ready(where) if ready else None)
        with in_charge(server):
            server.run_on(listener)


@contextlib.contextmanager
def running(
    app: Front, *, host: str = "127.0.0.1", port: int = 0, grace_s: float = 10.0, short: bool = True
) -> Iterator[str]:
    """Serve in a thread for as long as the context lasts; gives the address. For tests and demonstrations.

    Without `short` every request goes the long way; see `omloop.serve.http.fast_path`.
    """
    with listening(host, port) as listener:
        up = threading.Event()
        server = Server(app, grace_s=grace_s, ready=up.set, short=short, handshake_s=0.0)  # within a machine at once
        failures: list[BaseException] = []

        def work() -> None:
            try:
                server.run_on(listener)
            except BaseException as error:  # raised again where somebody waits for it
                failures.append(error)
            finally:
                up.set()

        thread = threading.Thread(target=work, name="omloop-server", daemon=True)
        thread.start()
        up.wait()
        if failures:
            raise failures[0]
        try:
            yield address(listener)
        finally:
            server.stop()
            thread.join()


class Server(uvicorn.Server):
    """uvicorn's server without its signal handlers, which end the process with the signal instead of normally."""

    def __init__(
        self,
        app: Front,
        *,
        grace_s: float,
        ready: Callable[[], None],
        drain_s: float = 0.0,
        short: bool = True,
        counts: ConnectionCounts | None = None,
        handshake_s: float = _HANDSHAKE_S,
    ) -> None:
        config = uvicorn.Config(
            app,
            loop="auto",
            http=shortcut(app, short=short) or "auto",
            proxy_headers=False,  # whom a proxy speaks for is nowhere used
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=75,  # longer than most balancers keep an idle connection, so that they close it first
        )
        super().__init__(config)
        self._app = app
        self._ready = ready
        self._grace_s = grace_s
        self._drain_s = drain_s
        self._counts = counts or Alone()
        self._handshake_s = handshake_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def run_on(self, listener: socket.socket) -> None:
        """Serve on `listener` until stopped; raises ServeError when the application does not start."""
        self._listener = listener
        self._acceptor = Acceptor(listener, self._counts)
        self.server_state.connections = self._acceptor.connections
        try:
            self.run(sockets=[listener])
        except SystemExit as error:  # uvicorn's way to say that the lifespan failed; it has logged why
            raise ServeError("The server did not start. Its log says why.") from error

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then report it."""
        self._loop = asyncio.get_running_loop()
        if sys.platform == "win32":  # its event loop watches no socket for others
            await super().startup(sockets)
        else:
            # No sockets: uvicorn would listen on them itself, and the acceptor does.
            await super().startup([])
            self._acceptor.start(self._protocol)
        # Kept here, because the loop itself holds a task weakly.
        self._sweeping = asyncio.create_task(sweep(self.server_state.connections))
        self._ready()

    async def main_loop(self) -> None:
        """Serve until told to end: at once, not with the next of uvicorn's ticks, which may end it too."""
        ends = [asyncio.create_task(super().main_loop()), asyncio.create_task(self._told.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for one in ends:
            one.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, take no more connections, and finish what runs; told again meanwhile, drop it."""
        self._each("drain")
        await self._until(self._drain_s)
        for server in self.servers:
            server.close()
        if sys.platform != "win32":
            # First no handshake begins, then those that have begun end: the close resets what is left of them.
            turn_away(self._listener)
            await self._until(self._handshake_s)
            self._acceptor.stop()
        await self._until(self._grace_s, closing=True)
        await self._drop()
        await self.lifespan.shutdown()

    def stop(self) -> None:
        """Take no more requests and finish those that run. Asked twice, finish at once."""
        self.force_exit = self.should_exit  # before the next line but one: asked once, it is still false
        self._app.state.draining = True
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it may have ended by itself
                self._loop.call_soon_threadsafe(self._told.set)

    async def _drop(self) -> None:
        """End all running work; it closes their connections first, so that no answer is due."""
        connections, tasks = list(self.server_state.connections), list(self.server_state.tasks)
        if not connections and not tasks:
            return
        _log.warning("the server ends, and drops %d connection(s) that were not done", len(connections))
        for connection in connections:
            connection.transport.abort()
        await asyncio.sleep(_TICK_S)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    async def _until(self, seconds: float, *, closing: bool = False) -> None:
        """Wait this long; `closing` closes connections as they fall quiet, and the last one ends the wait."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end and not self.force_exit:
            if closing:
                self._each("close_if_quiet", now)
                if self._acceptor.idle and not self.server_state.tasks:
                    return
            await asyncio.sleep(min(_TICK_S, end - now))

    def _each(self, verb: str, *given: float) -> None:
        """Have every connection do so, where its protocol knows how to."""
        for connection in list(self.server_state.connections):
            getattr(connection, verb, connection.shutdown)(*given if hasattr(connection, verb) else ())

    def _protocol(self) -> Any:
        make: Any = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller."""
        yield


@contextlib.contextmanager
def in_charge(server: Server) -> Iterator[None]:
    """The process is the server's for as long as the context lasts.

    SIGTERM and SIGINT stop it. No other thread keeps its event loop waiting long for Python's lock: without this,
    requests waited twice as long while a new champion loaded.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        for number, handler in before.items():
            signal.signal(number, handler)
