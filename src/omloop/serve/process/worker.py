"""One worker process of several: it serves on the shared socket, until it or the server gets a signal to stop."""

import asyncio
import contextlib
import logging
import shutil
import socket

from omloop.serve.http.asgi import Front
from omloop.serve.process.accept import ConnectionCounts
from omloop.serve.process.listen import GRACE_S
from omloop.serve.process.run import Server, in_charge
from omloop.serve.process.shared_metrics import SHARE_S, SharedMetrics
from omloop.serve.process.worker_part import WorkerPart

_BEAT_TICKS = 10  # uvicorn ticks ten times a second
_log = logging.getLogger("omloop.serve")


def serve_part(
    app: Front, metrics: SharedMetrics, part: WorkerPart, *, grace_s: float = GRACE_S, drain_s: float = 0.0
) -> None:
    """Serve as one worker until SIGTERM, SIGINT or the death of the server.

    Then it accepts new connections for `drain_s` seconds more, and finishes running requests within `grace_s` seconds.
    Call it from the main thread. Raises ServeError if the application does not start.
    """
    with socket.socket(fileno=part.listener) as listener, socket.socket(fileno=part.link) as link:
        listener.setblocking(False)
        worker = Worker(app, metrics, ConnectionCounts(part), link, grace_s=grace_s, drain_s=drain_s)
        with in_charge(worker):
            worker.run_on(listener)
    if worker.orphaned:
        shutil.rmtree(part.folder, ignore_errors=True)  # nobody else is left to do it
    else:
        metrics.share(app.champion)


class Worker(Server):
    """The server in a worker: it takes its share of the connections, and shares its counts with the other workers."""

    def __init__(
        self,
        app: Front,
        metrics: SharedMetrics,
        counts: ConnectionCounts,
        link: socket.socket,
        *,
        grace_s: float,
        drain_s: float,
    ) -> None:
        super().__init__(app, grace_s=grace_s, drain_s=drain_s, ready=self._answers, counts=counts)
        self.orphaned = False
        self._metrics = metrics
        self._link = link

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and report it to the parent process."""
        await super().startup(sockets)
        asyncio.get_running_loop().add_reader(self._link.fileno(), self._deserted)
        self._sharing = asyncio.create_task(self._share())

    async def on_tick(self, counter: int) -> bool:
        """Once a second, say that the event loop still turns."""
        if counter % _BEAT_TICKS == 0:
            with contextlib.suppress(OSError):  # it is deaf, or gone: `_deserted` finds that out
                self._link.send(b".", socket.MSG_DONTWAIT)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and finish what runs."""
        asyncio.get_running_loop().remove_reader(self._link.fileno())
        self._sharing.cancel()
        await super().shutdown(sockets)

    def _answers(self) -> None:
        self._metrics.share(self._app.champion)
        with contextlib.suppress(ConnectionError):  # nobody to tell: the reader that is added next finds that out
            self._link.sendall(b"ready")

    def _deserted(self) -> None:
        """The server died, or its link broke: either way nobody would end this worker."""
        asyncio.get_running_loop().remove_reader(self._link.fileno())
        _log.warning("the server that started this worker is gone, so the worker ends as well")
        self.orphaned = True
        self._sharing.cancel()
        if not self.should_exit:
            self.stop()

    async def _share(self) -> None:
        while True:
            await asyncio.sleep(SHARE_S)
            await asyncio.to_thread(self._metrics.share, self._app.champion)
