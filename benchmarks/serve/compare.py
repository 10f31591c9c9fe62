"""CPU time, p50 and p99 of a request: omloop beside servers that people use now.

    python benchmarks/serve/compare.py [litserve=path/to/python] [bentoml=path/to/python]

Each has the same ONNX model. Needs `wrk`. FastAPI runs in this environment; the others each need an environment of
their own, named by its Python. All servers are up at the same time and are asked in turn, round after round, one row a
request: 64 connections for the CPU time of a request (of the server's whole process tree) and for p99, one connection
for p50. Medians over the rounds, and ratios to omloop. omloop validates, counts and records every prediction; the
others only answer.
"""

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omloop.bundle import MODEL
from omloop.loop import Workspace, find_project
from omloop.loop.configure import configure
from omloop.loop.turn import turn

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROJECT = "student_performance"
ROUNDS, SECONDS = 5, 4
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """One server under test."""

    name: str
    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        """CPU seconds of the process and all below it, so far."""
        return sum(_ticks(pid) for pid in _tree(self.process.pid)) / TICK


def main(others: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _prepare(folder)
        servers = [_start(server, python, folder) for server, python in {"omloop": "", "fastapi": "", **others}.items()]
        try:
            _report(_measured(servers, folder))
        finally:
            for server in servers:
                os.killpg(server.process.pid, signal.SIGTERM)
                server.process.wait(20)


def _prepare(folder: Path) -> None:
    """Train and register a model, and put its graph, its signature and a request where the others find them."""
    workspace = Workspace.of(workspace=str(folder / "ws"), projects=str(ROOT / "projects"))
    project = find_project(PROJECT, workspace.settings)
    turned = turn(project, configure(project, ["model=linear"]), workspace)
    bundle = workspace.registry(PROJECT).load(turned.version)
    (folder / "model.onnx").write_bytes(bundle.files[MODEL])
    (folder / "signature.json").write_text(json.dumps(bundle.manifest.inputs))
    (folder / "body.json").write_text(json.dumps({"rows": bundle.examples.rows[:1]}))
    content = json.dumps(json.dumps({"rows": bundle.examples.rows[:1]}))
    (folder / "post.lua").write_text(
        f'wrk.method = "POST"\nwrk.body = {content}\nwrk.headers["Content-Type"] = "application/json"\n'
    )


def _start(name: str, python: str, folder: Path) -> Server:
    port = _free_port()
    files = [str(folder / "model.onnx"), str(folder / "signature.json")]
    environment = {**os.environ, "MODEL": files[0], "SIGNATURE": files[1], "BENTOML_DO_NOT_TRACK": "true"}
    commands = {
        "omloop": [
            sys.executable,
            "-m",
            "omloop",
            "serve",
            PROJECT,
            "--workspace",
            str(folder / "ws"),
            "--port",
            str(port),
        ],
        "fastapi": [sys.executable, str(HERE / "servers/fastapi_server.py"), *files, str(port)],
        "litserve": [python, str(HERE / "servers/litserve_server.py"), *files, str(port)],
        "litserve_batched": [python, str(HERE / "servers/litserve_server.py"), *files, str(port), "64"],
        "bentoml": [python, "-m", "bentoml", "serve", "bentoml_server:Model", "--port", str(port)],
    }
    process = subprocess.Popen(
        commands[name],
        cwd=HERE / "servers",
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _await(port, (folder / "body.json").read_bytes(), process, name)
    return Server(name, process, port)


def _await(port: int, body: bytes, process: subprocess.Popen[bytes], name: str) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/predict", body, {"content-type": "application/json"})
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with {process.returncode}")
        try:
            urllib.request.urlopen(request, timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{name} did not answer within a minute")


def _measured(servers: Sequence[Server], folder: Path) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {server.name: defaultdict(list) for server in servers}
    for _ in range(ROUNDS):
        for server in servers:
            before = server.cpu()
            many = _wrk(server, folder, connections=64)
            found[server.name]["cpu_us"].append((server.cpu() - before) / many["requests"] * 1e6)
            found[server.name]["p99_ms_at_64"].append(many["p99"])
            found[server.name]["requests_s"].append(many["requests"] / SECONDS)
            found[server.name]["p50_ms_at_1"].append(_wrk(server, folder, connections=1)["p50"])
    return found


def _wrk(server: Server, folder: Path, *, connections: int) -> dict[str, float]:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(folder / "post.lua")]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/v1/predict"], capture_output=True, text=True, check=True
    ).stdout
    if re.search(r"Non-2xx|Socket errors", said):
        print(f"{server.name}: {said}", file=sys.stderr)
    requests = re.search(r"(\d+) requests in", said)
    assert requests, said
    return {"requests": float(requests[1]), "p50": _milliseconds(said, "50%"), "p99": _milliseconds(said, "99%")}


def _milliseconds(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return float(found[1]) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[found[2]]


def _report(found: dict[str, dict[str, list[float]]]) -> None:
    medians = {
        name: {figure: statistics.median(values) for figure, values in one.items()} for name, one in found.items()
    }
    figures = list(medians["omloop"])
    print(f"{'':<18}" + "".join(f"{figure:>16}" for figure in figures))
    for name, one in medians.items():
        print(f"{name:<18}" + "".join(f"{one[figure]:>16.3g}" for figure in figures))
    for name, one in medians.items():
        if name != "omloop":
            ratios = (one[figure] / medians["omloop"][figure] for figure in figures)
            print(f"{name + ' / omloop':<18}" + "".join(f"{ratio:>16.2f}" for ratio in ratios))


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(dict(word.split("=", 1) for word in sys.argv[1:]))
