import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading

import httpx
import pytest

from omloop.core import ServeError
from omloop.serve import Champion, ServerOptions, create_app, running, serve
from omloop.serve.process.listen import address, listening
from omloop.serve.process.run import Server
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

# A server whose predictions take a second to record, so that a signal finds one in flight.
SLOW = """
import itertools, time
from omloop.serve import Champion, create_app, serve
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

class Slow(MemoryPredictions):
    def record(self, predictions):
        print("recording", flush=True)
        time.sleep(1)
        super().record(predictions)

ids = itertools.count()
app = create_app(Champion(MemoryVersions(tiny_bundle()), threads=1), Slow(), new_id=lambda: str(next(ids)))
serve(app, port=0, ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_flight_finish_and_the_process_end_well(number):
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLOW)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().strip()
        answers: list[int] = []
        body = {"rows": [{"hours": 1, "age": 20, "sex": "m"}]}
        asker = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{url}/v1/predict", json=body, trust_env=False).status_code)
        )
        asker.start()
        assert process.stdout.readline() == "recording\n"
        os.kill(process.pid, number)
        asker.join()
        assert process.stdout.read() == "ended\n"
        assert process.stderr.read() == ""
        assert (answers, process.wait()) == ([200], 0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_a_second_signal_ends_the_process_at_once_without_a_traceback():
    script = SLOW
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().strip()
        body = {"rows": [{"hours": 1, "age": 20, "sex": "m"}]}
        headers = {"X-Request-Timeout-Ms": "20000"}  # the long way, by a task

        def ask() -> None:
            with contextlib.suppress(httpx.HTTPError):
                httpx.post(f"{url}/v1/predict", json=body, headers=headers, trust_env=False)

        asker = threading.Thread(target=ask)
        asker.start()
        assert process.stdout.readline() == "recording\n"
        os.kill(process.pid, signal.SIGTERM)
        os.kill(process.pid, signal.SIGTERM)
        asker.join()
        assert "Traceback" not in process.stderr.read()
        assert process.wait() == 0


def test_a_server_that_drains_answers_new_connections_and_says_that_they_end():
    """Readiness is off first, and each answer is the last on its connection."""
    stopping = app()
    body = {"rows": [{"hours": 1, "age": 20, "sex": "m"}]}
    with listening("127.0.0.1", 0) as listener:
        up = threading.Event()
        server = Server(stopping, grace_s=10, drain_s=60, ready=up.set)
        thread = threading.Thread(target=server.run_on, args=(listener,))
        thread.start()
        up.wait()
        with httpx.Client(base_url=address(listener), trust_env=False) as client:
            assert "connection" not in client.post("/v1/predict", json=body).headers
            server.stop()
            while client.get("/readyz").status_code != 503:
                pass
            for headers in ({}, {"X-Request-Timeout-Ms": "20000"}):
                answer = client.post("/v1/predict", json=body, headers=headers)
                assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        server.stop()
        thread.join()


def test_an_end_does_not_wait_for_a_store_that_hangs():
    """Who ends a server kills it after ten seconds, and the log's last records would not be shipped."""

    class Hanging(MemoryVersions):
        asked, hangs, go_on = threading.Event(), False, threading.Event()

        def lineup(self):
            if self.hangs:
                self.asked.set()
                assert self.go_on.wait(60)
            return super().lineup()

    versions = Hanging(tiny_bundle())
    champion = Champion(versions, threads=1)
    options = ServerOptions(poll_s=0.01)
    with running(create_app(champion, MemoryPredictions(), new_id=lambda: "p", options=options)):
        versions.hangs = True
        assert versions.asked.wait(20)
    assert not versions.go_on.is_set()
    versions.go_on.set()


def app(versions: MemoryVersions | None = None):
    champion = Champion(versions or MemoryVersions(tiny_bundle()), threads=1)
    return create_app(champion, MemoryPredictions(), new_id=lambda: "p")


def test_a_taken_port_is_a_serve_error():
    with running(app()) as url, pytest.raises(ServeError, match="is taken by another program"):
        serve(app(), port=int(url.rpartition(":")[2]))


def test_a_server_in_a_thread_is_gone_when_its_context_ends():
    with running(app()) as url:
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/readyz", trust_env=False)


def test_a_server_about_to_stop_is_not_ready_but_alive():
    """A balancer that asks over a connection it holds already is told in time."""
    stopping = app()
    with running(stopping) as url:
        stopping.state.draining = True
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 503
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200


def test_an_application_that_does_not_start_is_a_serve_error():
    class Broken(Champion):
        def refresh(self) -> bool:
            raise RuntimeError("no")

    app = create_app(Broken(MemoryVersions(tiny_bundle())), MemoryPredictions(), new_id=lambda: "p")
    with pytest.raises(ServeError, match="did not start"), running(app):
        pass
