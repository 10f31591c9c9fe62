"""Servers side by side: started, asked by wrk in turn, their CPU time and memory counted. Needs Linux and `wrk`."""

import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from omloop.serve.memory import memory_bytes

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TICK = os.sysconf("SC_CLK_TCK")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}

Found = dict[str, dict[str, list[float]]]
"""By server and figure, a number a round."""


@dataclass(frozen=True)
class Way:
    """How a server is started and asked: `{port}` in the command, and the script and body `folder/<post>.lua`.

    `ready` is the path that says whether it is, empty where only an answer tells.
    """

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    path: str = "/v1/predict"
    post: str = "post"
    ready: str = ""


@dataclass(frozen=True)
class Server:
    """A server that answers. `start_cpu_s` is what it took until it did, `ready_s` and `answered_s` how long it was."""

    name: str
    process: "subprocess.Popen[bytes]"
    port: int
    way: Way
    start_cpu_s: float = 0.0
    ready_s: float = 0.0
    answered_s: float = 0.0

    def cpu(self) -> float:
        """CPU seconds of the process and all below it so far, those that ended included."""
        return sum(ticks(pid) for pid in tree(self.process.pid)) / TICK

    def memory(self) -> float:
        """Megabytes of the whole tree, shared pages by share (PSS)."""
        return sum(memory_bytes(pid) or 0 for pid in tree(self.process.pid)) / 1e6


@dataclass(frozen=True)
class Asked:
    """What wrk saw: requests that were answered with 2xx or 3xx, others, and milliseconds."""

    good: int
    bad: int
    seconds: float
    p50: float
    p99: float


def omloop(project: str, folder: Path, *words: str, python: str = "", **environment: str) -> Way:
    """`omloop serve` as it is, from the workspace `folder/ws`; with `python`, that of another environment alone."""
    named = ["--workspace", str(folder / "ws"), "--projects", str(ROOT / "projects")]
    command = [python or sys.executable, "-m", "omloop", "serve", project, *named, "--port", "{port}", *words]
    return Way(command, folder, {**environment, **({"PYTHONPATH": ""} if python else {})}, ready="/readyz")


@contextmanager
def serving(ways: Mapping[str, Way]) -> Iterator[list[Server]]:
    """All of them up at the same time, for as long as the context lasts; of those that do not start it is told why."""
    with ExitStack() as stack:
        servers = []
        for name, way in ways.items():
            try:
                servers.append(stack.enter_context(one_serving(name, way)))
            except DoesNotServe as error:
                print(error, file=sys.stderr)
        yield servers


class DoesNotServe(Exception):
    """A server ended before it answered, or did not answer in time."""


@contextmanager
def one_serving(name: str, way: Way) -> Iterator[Server]:
    """A server that has answered once; its whole process tree is ended afterwards."""
    port, begun = free_port(), time.perf_counter()
    process = subprocess.Popen(
        [word.replace("{port}", str(port)) for word in way.command],
        cwd=HERE / "servers",
        env={**_bare(), **ONE_THREAD, **way.environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("SHOW") else subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server = Server(name, process, port, way)
        if way.ready:
            _await(server, urllib.request.Request(f"http://127.0.0.1:{port}{way.ready}"))
        ready = time.perf_counter() - begun
        _await(server, _request(server))
        answered = time.perf_counter() - begun
        yield replace(server, start_cpu_s=server.cpu(), ready_s=ready if way.ready else answered, answered_s=answered)
    finally:
        _end(process)


def wrk(server: Server, connections: int, seconds: float) -> Asked:
    """Ask as fast as it answers, over so many connections that stay open."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "--latency"]
    script = server.way.folder / f"{server.way.post}.lua"
    said = subprocess.run(
        [*command, "-s", str(script), f"http://127.0.0.1:{server.port}{server.way.path}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    total = re.search(r"(\d+) requests in ([\d.]+)(m?)s", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if "Socket errors" in said:
        print(f"{server.name}: {said}", file=sys.stderr)
    assert total, said
    wrong = int(bad[1]) if bad else 0
    return Asked(int(total[1]) - wrong, wrong, float(total[2]), _milliseconds(said, "50%"), _milliseconds(said, "99%"))


def in_turn(servers: Sequence[Server], rounds: int, seconds: float) -> Found:
    """Each in turn, round after round, over 64 connections and over one."""
    found: Found = {server.name: defaultdict(list) for server in servers}
    for server in servers:
        wrk(server, 4, min(1.0, seconds))  # nobody is measured cold
    for _ in range(rounds):
        for server in servers:
            one, before = found[server.name], server.cpu()
            many = wrk(server, 64, seconds)
            one["cpu_us"].append((server.cpu() - before) / max(1, many.good) * 1e6)
            one["requests_s"].append(many.good / many.seconds)
            one["p99_ms_at_64"].append(many.p99)
            one["refused"].append(many.bad)
            one["p50_ms_at_1"].append(wrk(server, 1, seconds).p50)
            one["memory_mb"].append(server.memory())
    return found


def report(
    found: Found, *, ours: str = "omloop", lower: Sequence[str] = ("cpu_us", "p99_ms_at_64", "p50_ms_at_1")
) -> None:
    """Medians, then what each is times `ours` in the same round, again the median."""
    figures = list(found[ours])
    print(f"\n{'':<26}" + "".join(f"{figure:>15}" for figure in figures))
    for name, one in found.items():
        print(f"{name:<26}" + "".join(f"{statistics.median(one[figure]):>15.4g}" for figure in figures))
    for name, one in found.items():
        if name != ours:
            pairs = {figure: zip(one[figure], found[ours][figure], strict=True) for figure in lower}
            ratios = {figure: statistics.median(a / b for a, b in both) for figure, both in pairs.items()}
            shown = "".join(f"{ratios[f]:>14.2f}x" if f in ratios else f"{'':>15}" for f in figures)
            print(f"{name + ' / ' + ours:<26}{shown}", flush=True)


def conditions() -> str:
    """The machine, in a line."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores ({model[1] if model else '?'}), load before {os.getloadavg()[0]:.1f}"


def tree(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def ticks(pid: int) -> int:
    """Ticks of the processor that a process took, and those below it that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, fields[11:15]))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bare() -> dict[str, str]:
    """This environment, in which Python keeps what it compiled: it would compile at each start else."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _request(server: Server) -> urllib.request.Request:
    body = (server.way.folder / f"{server.way.post}.bin").read_bytes()
    lua = (server.way.folder / f"{server.way.post}.lua").read_text()
    media = re.search(r'Content-Type"\] = "(.*)"', lua)
    url = f"http://127.0.0.1:{server.port}{server.way.path}"
    return urllib.request.Request(url, body or None, {"content-type": media[1]} if media else {})


def _await(server: Server, request: urllib.request.Request) -> None:
    said = ""
    for _ in range(9000):
        if server.process.poll() is not None:
            raise DoesNotServe(f"{server.name} ended with {server.process.returncode}")
        try:
            urllib.request.urlopen(request, timeout=60).read()
            return
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.read()[:300]!r}"
        except OSError:
            pass
        time.sleep(0.01)
    raise DoesNotServe(f"{server.name} did not answer: {said}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    all_of_it = tree(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
    for pid in all_of_it[1:]:
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)


def _milliseconds(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)", said)
    assert found, said
    return float(found[1]) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[found[2]]
