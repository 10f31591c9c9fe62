"""Several real worker processes, as `omloop serve --workers 2` starts them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from omloop.loop import Workspace
from omloop.serve.process import supervise
from omloop.testing.bundles import tiny_bundle

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found as Linux tells them"),
    pytest.mark.timeout(300),
]
BODY = {"rows": [{"hours": 1, "age": 20, "sex": "m"}]}


class Running:
    """A server with two workers of the project `tiny`."""

    def __init__(self, workspace: Workspace) -> None:
        words = ["serve", "tiny", "--workers", "2", "--port", "0", "--json", "--workspace", str(workspace.root)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omloop", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = str(json.loads(self.process.stdout.readline())["address"])

    def workers(self) -> set[int]:
        return children(self.process.pid)

    def predict(self) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/predict", json=BODY, trust_env=False, timeout=20)

    def counted(self, family: str) -> float:
        return metric(self.url, family)


@pytest.fixture
def server(workspace: Workspace) -> Iterator[Running]:
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    running = Running(workspace)
    workers = running.workers()
    yield running
    running.process.kill()
    running.process.communicate(timeout=60)
    eventually(lambda: not any(map(alive, workers | running.workers())))


def alive(process: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return False


def eventually(fact: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def segments(workspace: Workspace) -> set[int]:
    """The processes that recorded predictions, from the names of their segments."""
    return {int(path.name.split("-")[1]) for path in (workspace.root / "predictions").rglob("*.log")}


def test_both_answer_count_and_record_and_end_well(server: Running, workspace: Workspace) -> None:
    """Metrics add up to what was sent, every prediction is found, and a request that has begun is answered."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(httpx.Client(base_url=server.url, trust_env=False)) for _ in range(8)]
        ids = [
            client.post("/v1/predict", json=BODY).json()["predictions"][0]["id"] for client in clients for _ in range(5)
        ]
        assert segments(workspace) == server.workers()
        eventually(lambda: server.counted("omloop_predictions_total") == 40)
        assert server.counted('omloop_requests_total{route="/v1/predict"') == 40
        assert server.counted('omloop_request_seconds_count{route="/v1/predict"') == 40
        assert server.counted("omloop_model_info") == 2
        assert server.counted('omloop_worker_memory_bytes{worker="2"}') > 1e6
        found = [httpx.get(f"{server.url}/v1/predictions/{one}", trust_env=False).status_code for one in ids[::7]]
        assert set(found) == {200}
    log = workspace.predictions("tiny")
    assert {prediction.id for prediction in log.window().predictions} == set(ids)
    log.close()
    assert finished_while_it_ends(server) == b"HTTP/1.1 200 OK"
    assert server.process.wait(timeout=60) == 0
    assert server.process.stderr is not None and server.process.stderr.read() == ""


def finished_while_it_ends(server: Running) -> bytes:
    """The status line of a request whose second half is sent after SIGTERM."""
    content = json.dumps(BODY).encode()
    head = b"POST /v1/predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    host, _, port = server.url.rpartition("/")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head % len(content) + content[:10])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(content[10:])
        return connection.recv(65536).partition(b"\r\n")[0]


def test_a_worker_that_is_killed_under_requests_is_replaced(server: Running) -> None:
    """At most what it had in hand fails; no counter goes back; and with the server gone, so are its workers."""
    before, failed, answered, stop = server.workers(), [0] * 4, [0] * 4, threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=20) as client:
            while not stop.is_set():
                try:
                    answered[number] += client.post("/v1/predict", json=BODY).status_code == 200
                except httpx.TransportError:
                    failed[number] += 1
                time.sleep(0.005)

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for asker in askers:
        asker.start()
    time.sleep(0.5)
    told = server.counted("omloop_predictions_total")
    os.kill(min(before), signal.SIGKILL)
    eventually(lambda: len(server.workers() - before) == 1 and server.counted("omloop_model_info") == 2)
    assert server.counted("omloop_predictions_total") >= told
    stop.set()
    for asker in askers:
        asker.join()
    assert sum(failed) <= 4 and min(answered) > 0
    assert server.predict().status_code == 200
    check_that_nothing_outlives(server)


def test_a_worker_that_hangs_is_replaced(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is stopped says nothing, and keeps whom it serves waiting, for ever; its replacement answers."""
    registry = workspace.registry("tiny")
    registry.promote(registry.add(tiny_bundle(), by="test"), expected=None, by="test", reason="a test")
    monkeypatch.setattr(supervise, "_HUNG_S", 5.0)
    before, after, others = set[int](), set[int](), children()  # such as servers that other tests share

    def hang(url: str) -> None:
        before.update(children() - others)
        os.kill(max(before), signal.SIGSTOP)
        try:
            eventually(lambda: len(children() - before - others) == 1 and not alive(max(before)))
            eventually(lambda: metric(url, "omloop_model_info") == 2)
            after.update(children() - others)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    words = [sys.executable, "-m", "omloop", "serve", "tiny", "--workspace", str(workspace.root)]
    threads: list[threading.Thread] = []

    def ready(url: str) -> None:
        threads.append(threading.Thread(target=hang, args=(url,)))
        threads[0].start()

    assert supervise.supervise(lambda number: words, 2, host="127.0.0.1", port=0, ready=ready) == 0
    threads[0].join()
    assert len(after) == 2 and min(before) in after
    assert "stood still for 5 s, and is killed" in caplog.text


def children(of: int | None = None) -> set[int]:
    found = (path.read_text().split() for path in Path(f"/proc/{of or os.getpid()}/task").glob("*/children"))
    return {int(pid) for words in found for pid in words}


def metric(url: str, family: str) -> float:
    lines = httpx.get(f"{url}/metrics", trust_env=False, timeout=20).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(family))


def check_that_nothing_outlives(server: Running) -> None:
    workers, port = server.workers(), int(server.url.rpartition(":")[2])
    server.process.kill()
    eventually(lambda: not any(map(alive, workers)), seconds=10)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_what_is_refused_is_told_in_one_line(workspace: Workspace) -> None:
    words = ["serve", "nobody", "--workers", "2", "--port", "0", "--workspace", str(workspace.root)]
    done = subprocess.run([sys.executable, "-m", "omloop", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "No project is called 'nobody'" in done.stderr
