"""A real Prometheus scrapes a real server, and a real Alertmanager tells: load, an error burst, drift.

The rules are those that are delivered, with minutes made seconds.
"""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from omloop.deploy import Service
from omloop.deploy.docker import docker_files
from omloop.loop import Workspace
from omloop.loop.watch.policy import TELL
from omloop.loop.watch.watch import watch_once

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
NAME = "student_performance"
NEEDED = ("prometheus", "prometheus-alertmanager")
PATIENCE_S = 60.0


@dataclass
class Told:
    """What a receiver of Alertmanager was told: the newest state of each alert."""

    states: dict[str, str] = field(default_factory=dict)

    def wait(self, alert: str, state: str) -> None:
        _wait(lambda: self.states.get(alert) == state, f"{alert} to be {state}; there are {self.states}")


@pytest.fixture
def told() -> Iterator[tuple[Told, int]]:
    """Who is told, and its port."""
    found = Told()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            found.states |= {one["labels"]["alertname"]: one["status"] for one in body["alerts"]}
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found, server.server_address[1]
    server.shutdown()


def test_alerts_fire_and_resolve(
    watched: Workspace, go_live: Callable[..., None], told: tuple[Told, int], tmp_path: Path
) -> None:
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    hears, receiver = told
    ports = [_free_port() for _ in range(3)]
    service = Service(NAME, "", f"projects/{NAME}", "3.12", "omloop==0.1.0")
    _configured(docker_files(service), service, tmp_path, [*ports, receiver])
    with contextlib.ExitStack() as running:
        for command in _commands(watched, tmp_path, ports):
            running.enter_context(_running(command))
        server = f"http://127.0.0.1:{ports[0]}"
        _wait(lambda: _asks(f"{server}/readyz") == 200, "the server to be ready")
        sample = json.dumps({"rows": watched.registry(NAME).load(_champion(watched)).examples.rows[:1]}).encode()
        until = time.monotonic() + 12
        while time.monotonic() < until:
            assert _asks(f"{server}/v1/predict", sample) == 200
        assert "OmloopErrors" not in hears.states
        _wait(lambda: _burst(server, sample) and hears.states.get("OmloopErrors") == "firing", "errors to be told")
        _wait(
            lambda: _asks(f"{server}/v1/predict", sample) == 200 and hears.states.get("OmloopErrors") == "resolved",
            "errors to be over",
        )
        go_live(watched, 3000, drift=1.0, seed=7)
        assert watch_once(NAME, watched, TELL).seen.moved
        hears.wait("OmloopDrift", "firing")
    assert hears.states.get("OmloopServerDown") is None


def _configured(files: dict[str, str], service: Service, folder: Path, ports: list[int]) -> None:
    """The delivered files with ports of this machine, and with seconds in place of minutes."""
    server, _, alertmanager, receiver = ports
    texts = {name.removeprefix(f"{service.place}/"): text for name, text in files.items()}
    (folder / "rules.yml").write_text(
        re.sub(r"\b(\d+)m\b", r"\1s", texts["prometheus/rules.yml"].replace("[5m]", "[10m]"))
    )
    found = yaml.safe_load(texts["prometheus/prometheus.yml"])
    found["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    found["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{server}"]
    found["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{alertmanager}"]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(found))
    found = yaml.safe_load(texts["alertmanager/alertmanager.yml"])
    found["route"] |= {"group_wait": "0s", "group_interval": "1s"}
    found["receivers"][0]["webhook_configs"] = [{"url": f"http://127.0.0.1:{receiver}/", "send_resolved": True}]
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(found))


def _commands(workspace: Workspace, folder: Path, ports: list[int]) -> list[list[str]]:
    server, prometheus, alertmanager = (f"127.0.0.1:{port}" for port in ports)
    where = ["--workspace", str(workspace.root), "--projects", workspace.settings.projects]
    return [
        [sys.executable, "-m", "omloop", "serve", NAME, "--port", server.rpartition(":")[2], *where],
        [
            "prometheus-alertmanager",
            f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager",
            f"--web.listen-address={alertmanager}",
            "--cluster.listen-address=",
        ],
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/prometheus",
            f"--web.listen-address={prometheus}",
        ],
    ]


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _burst(server: str, sample: bytes) -> bool:
    """A request whose time is over before its body comes: answered with 504."""
    host, port = urllib.parse.urlsplit(server).hostname, urllib.parse.urlsplit(server).port
    head = (
        "POST /v1/predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\n"
        f"X-Request-Timeout-Ms: 1\r\nContent-Length: {len(sample)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(head.encode())
        time.sleep(0.05)
        connection.sendall(sample)
        assert b" 504 " in connection.recv(100)
    return True


def _asks(url: str, body: bytes | None = None) -> int:
    asked = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _wait(reached: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < until, f"waited for {what}"
        time.sleep(0.02)


def _champion(workspace: Workspace) -> str:
    return workspace.registry(NAME).champion() or ""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
