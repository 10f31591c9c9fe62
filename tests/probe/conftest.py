import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from omloop.bundle import Bundle
from omloop.probe import Example, Target
from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

ROW = {"hours": 1, "age": 20, "sex": "m"}  # 1 + 2 * 20 + 3 = 44
EXAMPLE = Example(ROW, {"value": 44.0})


@dataclass
class Served:
    """A real server of tiny bundles on a loopback socket, with the fakes behind it."""

    target: Target
    champion: Champion
    versions: MemoryVersions
    predictions: MemoryPredictions


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def serve() -> Serve:
    """Start a server, of the bundle given or of one that answers 44 to `ROW`; None for one without a version."""

    @contextmanager
    def start(bundle: Bundle | None = None, *, empty: bool = False) -> Iterator[Served]:
        versions = MemoryVersions(*([] if empty else [bundle or tiny_bundle()]))
        champion, predictions, ids = Champion(versions, threads=1), MemoryPredictions(), itertools.count()
        app = create_app(champion, predictions, new_id=lambda: f"p{next(ids):09}", options=ServerOptions(poll_s=3600.0))
        with running(app) as url:
            yield Served(Target.of(url), champion, versions, predictions)

    return start


@dataclass
class Stub:
    """A server that says the bytes that it is told to. `answer` gets the number of the request and its first line."""

    target: Target
    asked: list[str] = field(default_factory=list)
    connections: int = 0


def http(body: bytes = b"{}", status: int = 200, more: str = "") -> bytes:
    return f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n{more}\r\n".encode() + body


Answer = Callable[[int, str], bytes]
StartStub = Callable[[Answer], AbstractContextManager[Stub]]


@pytest.fixture
def stub() -> StartStub:
    """Start a server of one thread a connection; an answer of nothing closes the connection."""

    @contextmanager
    def start(answer: Answer) -> Iterator[Stub]:
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
            found = Stub(Target("127.0.0.1", listener.getsockname()[1]))
            over, lock = threading.Event(), threading.Lock()

            def talk(connection: socket.socket) -> None:
                with connection, connection.makefile("rb") as lines:
                    while (first := lines.readline()) and not over.is_set():
                        length = 0
                        while (line := lines.readline().strip().lower()) != b"":
                            length = int(line.partition(b":")[2]) if line.startswith(b"content-length") else length
                        lines.read(length)
                        with lock:
                            found.asked.append(first.decode().strip())
                            number = len(found.asked) - 1
                        said = answer(number, first.decode())
                        if not said:
                            return
                        connection.sendall(said)

            def quietly(connection: socket.socket) -> None:
                with suppress(OSError):
                    talk(connection)

            def accept() -> None:
                while not over.is_set():
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    if over.is_set():
                        connection.close()
                        return
                    found.connections += 1
                    threading.Thread(target=quietly, args=(connection,), daemon=True).start()

            thread = threading.Thread(target=accept, daemon=True)
            thread.start()
            try:
                yield found
            finally:
                over.set()
                socket.create_connection(("127.0.0.1", found.target.port)).close()
                thread.join()

    return start


@pytest.fixture
def nobody() -> Target:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return Target("127.0.0.1", listener.getsockname()[1])


@pytest.fixture
def say() -> Callable[..., bytes]:
    return http


@pytest.fixture
def example() -> Example:
    return EXAMPLE


@pytest.fixture
def slowly(say: Callable[..., bytes]) -> Callable[[float], Answer]:
    """An answer that takes so many seconds."""

    def make(seconds: float) -> Answer:
        def answer(number: int, line: str) -> bytes:
            time.sleep(seconds)
            return say()

        return answer

    return make
