"""Whoever starts the workers: with workers of three lines, and with real ones in `test_workers_alive.py`."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from omloop.core import ServeError
from omloop.serve.process import supervise as module
from omloop.serve.process.listen import listening
from omloop.serve.process.supervise import supervise

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows shares no sockets between processes")

ANSWERS = """
import signal, socket, sys
from omloop.serve.process.worker_part import WorkerPart
part = WorkerPart.taken()
link = socket.socket(fileno=part.link)
link.sendall(b"ready")
"""


def words(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def end(address: str = "") -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_PAUSE_S", 0.01)


def test_the_address_is_told_once_all_answer_and_a_signal_ends_them_well() -> None:
    told: list[str] = []

    def ready(address: str) -> None:
        told.append(address)
        end()

    code = supervise(lambda number: words(ANSWERS + "signal.pause()"), 3, host="127.0.0.1", port=0, ready=ready)
    assert code == 0 and len(told) == 1 and told[0].startswith("http://127.0.0.1:")


def test_a_worker_that_dies_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    """Here the second dies as soon as it answers; the third to take its place is the one that stays."""
    script = ANSWERS + "import os\nif part.serial in (2, 3): os.kill(os.getpid(), 9)\nsignal.pause()"
    numbers: list[int] = []

    def command(number: int) -> list[str]:
        numbers.append(number)
        if len(numbers) == 4:
            signal.signal(signal.SIGALRM, lambda *_: end())
            signal.setitimer(signal.ITIMER_REAL, 0.5)
        return words(script)

    assert supervise(command, 2, host="127.0.0.1", port=0, ready=lambda _: None) == 0
    assert numbers == [1, 2, 2, 2]
    assert [record.getMessage().partition(";")[0].partition(") ")[2] for record in caplog.records] == [
        "died, killed by SIGKILL"
    ] * 2


def test_what_the_first_worker_refuses_is_refused_once() -> None:
    started: list[int] = []

    def command(number: int) -> list[str]:
        started.append(number)
        return words("raise SystemExit(3)")

    assert supervise(command, 4, host="127.0.0.1", port=0, ready=pytest.fail) == 3
    assert started == [1]


@pytest.mark.parametrize("script", ["import os; os.kill(os.getpid(), 9)", "raise SystemExit(0)"])
def test_a_worker_that_dies_at_once_again_and_again_ends_the_server(script: str) -> None:
    with pytest.raises(ServeError, match="Worker 1 .* and so 5 times in a row before it answered anybody"):
        supervise(lambda _: words(script), 2, host="127.0.0.1", port=0, ready=pytest.fail)


def test_a_worker_that_cannot_be_started_at_all_ends_the_server_as_well() -> None:
    with pytest.raises(ServeError, match="could not be started"):
        supervise(lambda _: ["/nowhere/python"], 2, host="127.0.0.1", port=0, ready=pytest.fail)


def test_a_worker_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LATE_S", 0.2)
    stubborn = ANSWERS.replace('link.sendall(b"ready")', "signal.signal(15, signal.SIG_IGN); link.sendall(b'ready')")
    began = time.monotonic()
    command = words(stubborn + "import time; time.sleep(60)")
    assert supervise(lambda _: command, 2, host="127.0.0.1", port=0, ready=end, grace_s=0.1) == 0
    assert time.monotonic() - began < 30


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with listening("127.0.0.1", 0) as listener, pytest.raises(ServeError, match="taken by another program"):
        supervise(pytest.fail, 2, host="127.0.0.1", port=listener.getsockname()[1], ready=pytest.fail)


def test_windows_is_told_what_it_can_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ServeError, match="not possible on Windows"):
        supervise(pytest.fail, 2, host="127.0.0.1", port=0, ready=pytest.fail)


def test_nothing_heavy_is_imported_by_whoever_starts_the_workers() -> None:
    script = (
        "import sys, omloop.cli.command.serve, omloop.serve.process.supervise; "
        "print(*{'numpy', 'onnxruntime'} & {*sys.modules})"
    )
    done = subprocess.run(words(script), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_port_is_free_after_the_end() -> None:
    ports: list[int] = []

    def ready(address: str) -> None:
        ports.append(int(address.rpartition(":")[2]))
        end()

    supervise(lambda _: words(ANSWERS + "signal.pause()"), 2, host="127.0.0.1", port=0, ready=ready)
    with contextlib.closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", ports[0])) != 0
