"""Accepts connections from a socket that several workers share, so that each gets its share of them.

The system wakes all workers for a connection, and the first takes it, or all waiting ones. If a client opens many
connections at once, one worker of two then often gets nearly all, and the other none. So each worker tells the others
how many it has, takes one at a time, and leaves a connection for a moment to workers with fewer.
"""

import asyncio
import logging
import mmap
import socket
from collections.abc import Callable
from typing import Any

from omloop.serve.process.worker_part import NOT_THERE, WorkerPart

SLACK = 1
"""How many connections more than another a worker may have: who opens one a request must never wait for politeness."""
POLITE_S = 0.001
"""Long beside accepting, so that a worker with fewer takes the connection meanwhile; short beside an answer."""
TOGETHER = 64
"""How many connections to accept before reading their requests."""
MOST_POLITE = 5
"""How long to leave a connection to others, times how many fewer they have; after that they seem busy, or dying."""
FULL_S = 1.0
"""The wait before another try after the system had no descriptor or memory left for a connection."""
_log = logging.getLogger("omloop.serve")


class ConnectionCounts:
    """How many connections each worker of a server has, in memory that they share."""

    def __init__(self, part: WorkerPart) -> None:
        with part.connections.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self._cells = memoryview(self._memory).cast("i")
        self._own = part.number - 1

    @property
    def surplus(self) -> int:
        """How many more this worker has than the one with the fewest."""
        return self._cells[self._own] - min(self._cells)

    def tell(self, count: int) -> None:
        """Say how many this worker has."""
        self._cells[self._own] = count


class Connections(set[Any]):
    """The open connections; it reports changes of their number."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._changed = changed

    def add(self, connection: object) -> None:
        """Count a new connection."""
        super().add(connection)
        self._changed()

    def discard(self, connection: object) -> None:
        """Count a closed connection."""
        super().discard(connection)
        self._changed()


class Alone:
    """The counts of a server that shares its socket with nobody."""

    surplus = 0

    def tell(self, count: int) -> None:
        """Nobody asks."""


class Acceptor:
    """Takes connections from `listener` on the running event loop; `protocol` makes the protocol of each.

    It accepts all waiting ones at once: libuv accepts one a turn of the event loop, and models run in between.
    """

    def __init__(self, listener: socket.socket, counts: ConnectionCounts | Alone) -> None:
        self.connections = Connections(self._tell)
        self._listener = listener
        self._counts = counts
        self._opening: set[asyncio.Task[Any]] = set()
        self._resting: asyncio.TimerHandle | None = None
        self._stopped = False

    @property
    def idle(self) -> bool:
        """Whether there is no connection."""
        return not self.connections and not self._opening

    def start(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Take connections from now on."""
        self._protocol = protocol
        self._tell()
        self._look()

    def stop(self) -> None:
        """Take the connections that wait, then no more: the system would reset those that nobody took."""
        asyncio.get_running_loop().remove_reader(self._listener.fileno())
        while self._take():
            pass
        self._listener.close()
        self._stopped = True
        self._counts.tell(NOT_THERE)
        if self._resting is not None:
            self._resting.cancel()

    def _look(self) -> None:
        asyncio.get_running_loop().add_reader(self._listener.fileno(), self._come)

    def _come(self) -> None:
        for _ in range(TOGETHER):
            surplus = self._counts.surplus
            if surplus > SLACK:
                self._rest(POLITE_S * min(surplus, MOST_POLITE))
                return
            if not self._take():
                return

    def _rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener.fileno())
        self._resting = loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._look()
        self._take()  # whoever had fewer had its moment, so one is taken whatever the counts say

    def _take(self) -> bool:
        """Whether a connection was there and taken."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # none waits, another worker was faster, or the client has left
            return False
        except OSError as error:
            _log.error("no connection can be taken: %s; trying again in a second", error)
            self._rest(FULL_S)
            return False
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = asyncio.get_running_loop().create_task(self._open(connection))
        self._opening.add(task)
        task.add_done_callback(self._opened)
        self._tell()
        return True

    async def _open(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        except OSError as error:
            _log.debug("a client left while its connection was opened: %s", error)
            connection.close()

    def _opened(self, task: asyncio.Task[Any]) -> None:
        self._opening.discard(task)
        self._tell()

    def _tell(self) -> None:
        if not self._stopped:
            self._counts.tell(len(self.connections) + len(self._opening))
