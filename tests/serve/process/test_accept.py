"""Taking connections: politeness has an end, and so have descriptors."""

import asyncio
import errno
import logging
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from omloop.serve.process import accept
from omloop.serve.process.accept import Acceptor, Alone, ConnectionCounts
from omloop.serve.process.listen import listening
from omloop.serve.process.worker_part import NOT_THERE, WorkerPart

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows shares no sockets between processes")


def counts(folder: Path, others: int) -> ConnectionCounts:
    part = WorkerPart(number=1, count=2, serial=1, listener=-1, link=-1, folder=str(folder))
    part.connections.write_bytes(struct.pack("2i", 0, others))
    return ConnectionCounts(part)


class Answers(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        transport.write(b"here")


async def connected(listener: socket.socket) -> float:
    """Seconds until a new connection is taken."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
    assert await reader.readexactly(4) == b"here"
    writer.close()
    return time.perf_counter() - began


def test_a_worker_that_has_more_waits_a_moment_and_then_takes_it_all_the_same(tmp_path: Path) -> None:
    """The other one may hang."""

    async def main() -> float:
        with listening("127.0.0.1", 0) as listener:
            acceptor = Acceptor(listener, counts(tmp_path, others=0))
            acceptor.connections.update(range(10))
            acceptor.start(Answers)
            waited = await asyncio.wait_for(connected(listener), 20)
            acceptor.stop()
            return waited

    assert asyncio.run(main()) >= 0.9 * accept.POLITE_S * accept.MOST_POLITE


def test_all_connections_that_wait_are_taken_before_anything_is_answered() -> None:
    """A model may run between one turn of the event loop and the next."""

    told: list[int] = []

    class Told(Alone):
        def tell(self, count: int) -> None:
            told.append(count)

    async def main() -> None:
        with listening("127.0.0.1", 0) as listener:
            clients = [socket.create_connection(listener.getsockname()[:2]) for _ in range(20)]
            acceptor = Acceptor(listener, Told())
            acceptor.start(Answers)
            await connected(listener)
            acceptor.stop()
            for client in clients:
                client.close()

    asyncio.run(main())
    assert max(told) >= 20


def test_a_worker_that_stops_is_waited_for_by_nobody(tmp_path: Path) -> None:
    async def main() -> tuple[int, ...]:
        with listening("127.0.0.1", 0) as listener:
            acceptor = Acceptor(listener, counts(tmp_path, others=NOT_THERE))
            acceptor.start(Answers)
            await connected(listener)
            acceptor.stop()
            await asyncio.sleep(0)
            acceptor.connections.add("late")
            return struct.unpack("2i", (tmp_path / "connections").read_bytes())

    assert asyncio.run(main()) == (NOT_THERE, NOT_THERE)


def test_without_descriptors_it_tries_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accept, "FULL_S", 0.05)

    class Full:
        """A listener of a process that has no descriptor left at first."""

        def __init__(self, listener: socket.socket) -> None:
            self.listener, self.fileno, self.close, self.left = listener, listener.fileno, listener.close, 1

        def accept(self) -> Any:
            if self.left:
                self.left -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return self.listener.accept()

    async def main() -> None:
        with listening("127.0.0.1", 0) as listener:
            acceptor = Acceptor(Full(listener), counts(tmp_path, others=NOT_THERE))  # type: ignore[arg-type]
            acceptor.start(Answers)
            await asyncio.wait_for(connected(listener), 20)
            acceptor.stop()

    with caplog.at_level(logging.ERROR, "omloop.serve"):
        asyncio.run(main())
    assert "Too many open files" in caplog.text
