"""p50 and CPU time of a request: the code here beside that of another commit, over one connection each, in turn.

    git archive COMMIT src | tar -x -C /tmp/before
    python benchmarks/serve/beside.py /tmp/before/src [--rounds 40] [--requests 500] [--sure]

Each is a server in a process of its own, of a linear model of 3 columns whose predictions are kept in memory, so that
nothing is measured but the way of a request. With `--sure` the answers here carry an interval. Printed are both
medians, and the median of the ratios of the rounds; CPU time is the server's, by Linux.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

BODY = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
SERVER = """
import itertools, sys
from omloop.serve import Champion, create_app, serve
from omloop.testing import bundles
from omloop.testing.memories import MemoryVersions
class Forgetful:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None
ids = itertools.count()
champion = Champion(MemoryVersions(getattr(bundles, sys.argv[1])()), threads=1)
app = create_app(champion, Forgetful(), new_id=lambda: f"p{next(ids):09}")
serve(app, port=0, ready=lambda address: print(address, flush=True))
"""


def main(words: argparse.Namespace) -> None:
    here = Path(__file__).parents[2] / "src"
    servers = [started(words.before, "tiny_bundle"), started(here, "tiny_sure_bundle" if words.sure else "tiny_bundle")]
    try:
        sockets = [socket.create_connection(("127.0.0.1", int(process.stdout.readline().rsplit(b":", 1)[1])))
                   for process in servers]  # fmt: skip
        for one in sockets:
            p50(one, words.requests)
        both = list(zip(sockets, servers, strict=True))
        rounds = [[measured(one, words.requests, process.pid) for one, process in both] for _ in range(words.rounds)]
    finally:
        for process in servers:
            process.terminate()
    for place, name in enumerate(("p50", "CPU time")):
        before, after = (statistics.median(one[place] for one in column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(after[place] / before[place] for before, after in rounds)
        print(f"{name}: before {before:.1f} us, here {after:.1f} us, ratio {ratio:.3f}, {words.rounds} rounds")


def started(source: Path, bundle: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", SERVER, bundle], env=environment, stdout=subprocess.PIPE)


def measured(connection: socket.socket, requests: int, server: int) -> tuple[float, float]:
    """Microseconds of a request: the median of the client's clock, and the mean of the server's CPU time."""
    before = cpu_ns(server)
    middle = p50(connection, requests)
    return middle, (cpu_ns(server) - before) / requests / 1e3


def cpu_ns(process: int) -> int:
    """The CPU time of all threads of a process, in nanoseconds."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def p50(connection: socket.socket, requests: int) -> float:
    """Microseconds of a request."""
    asked, times = HEAD % len(BODY) + BODY, []
    for _ in range(requests):
        began = time.perf_counter()
        connection.sendall(asked)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--sure", action="store_true")
    main(parser.parse_args())
