"""Workers of one server, here in threads of one process: what they share is the same."""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from omloop.core import ServeError
from omloop.serve import Champion, Limits, ServerOptions, create_app
from omloop.serve.process.accept import SLACK, ConnectionCounts
from omloop.serve.process.listen import address, listening
from omloop.serve.process.shared_metrics import SharedMetrics
from omloop.serve.process.worker import Worker, serve_part
from omloop.serve.process.worker_part import NOT_THERE, WorkerPart
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows shares no sockets between processes")
BODY = {"rows": [{"hours": 1, "age": 20, "sex": "m"}]}


def part_of(folder: Path, number: int, *, listener: int = -1, link: int = -1, serial: int = 0) -> WorkerPart:
    return WorkerPart(number=number, count=2, serial=serial or number, listener=listener, link=link, folder=str(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "connections").write_bytes(struct.pack("2i", NOT_THERE, NOT_THERE))
    (tmp_path / "shared" / "living").write_text("[1, 2]")
    return tmp_path / "shared"


def app_and_metrics(part: WorkerPart) -> tuple[Any, SharedMetrics]:
    metrics = SharedMetrics(part)
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    options = ServerOptions(Limits(workers=1))
    app = create_app(champion, MemoryPredictions(), new_id=lambda: "p", options=options, metrics=metrics)
    return app, metrics


@contextlib.contextmanager
def working(folder: Path, listener: socket.socket, number: int) -> Iterator[None]:
    """One worker in a thread, for as long as its link is open."""
    ours, theirs = socket.socketpair()
    with ours, theirs, listener.dup() as own:
        part = part_of(folder, number)
        worker = Worker(*app_and_metrics(part), ConnectionCounts(part), theirs, grace_s=5, drain_s=0)
        thread = threading.Thread(target=worker.run_on, args=(own,))
        thread.start()
        assert ours.recv(5) == b"ready"
        try:
            yield
        finally:
            ours.close()
            thread.join(20)
            assert worker.orphaned and not thread.is_alive()


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    """A server of two workers."""
    with listening("127.0.0.1", 0) as listener, working(folder, listener, 1), working(folder, listener, 2):
        yield address(listener)


def test_connections_are_shared_out_evenly(url: str, folder: Path) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(httpx.Client(base_url=url, trust_env=False)) for _ in range(20)]
        assert {client.post("/v1/predict", json=BODY).status_code for client in clients} == {200}
        counts = struct.unpack("2i", (folder / "connections").read_bytes())
    assert sum(counts) >= 20  # a slow machine connects once more
    assert max(counts) - min(counts) <= SLACK + 3  # a worker that sleeps too long is not waited for


def test_whoever_is_asked_tells_what_all_counted(url: str) -> None:
    def counted() -> list[str]:
        lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
        return [line for line in lines if line.startswith(("omloop_predictions_total", "omloop_model_info"))]

    for _ in range(30):
        httpx.post(f"{url}/v1/predict", json=BODY, trust_env=False)
    version = tiny_bundle().version
    wanted = [
        f'omloop_predictions_total{{version="{version}"}} 30',
        f'omloop_model_info{{project="tiny",version="{version}"}} 2',
    ]
    deadline = time.monotonic() + 20
    while counted() != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [counted() for _ in range(6)] == [wanted] * 6


def test_a_worker_that_is_left_alone_ends_and_clears_up(folder: Path) -> None:
    with listening("127.0.0.1", 0) as listener:
        ours, theirs = socket.socketpair()
        part = part_of(folder, 1, listener=os.dup(listener.fileno()), link=theirs.detach())
        asker = threading.Thread(target=lambda: (ours.recv(64), ours.close()))
        asker.start()
        serve_part(*app_and_metrics(part), part)
        asker.join()
    assert not folder.exists()


def test_a_worker_that_does_not_start_says_so_by_a_serve_error(folder: Path) -> None:
    class Broken(Champion):
        def refresh(self) -> bool:
            raise RuntimeError("no")

    with listening("127.0.0.1", 0) as listener:
        ours, theirs = socket.socketpair()
        part = part_of(folder, 1, listener=os.dup(listener.fileno()), link=theirs.detach())
        app, metrics = app_and_metrics(part)
        app.champion = Broken(MemoryVersions())
        with ours, pytest.raises(ServeError, match="did not start"):
            serve_part(app, metrics, part)
