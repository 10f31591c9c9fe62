"""p50 of an ordinary request: the code here beside that of another commit, over one connection each, in turn.

    git archive COMMIT src | tar -x -C /tmp/before
    python benchmarks/serve/beside.py /tmp/before/src [--rounds 40] [--requests 500]

Each is a server in a process of its own, of a linear model of 3 columns whose predictions are kept in memory, so that
nothing is measured but the way of a request. Printed are both medians, and the median of the ratios of the rounds.
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
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions
class Forgetful:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None
ids = itertools.count()
app = create_app(Champion(MemoryVersions(tiny_bundle()), threads=1), Forgetful(), new_id=lambda: f"p{next(ids):09}")
serve(app, port=0, ready=lambda address: print(address, flush=True))
"""


def main(words: argparse.Namespace) -> None:
    here = Path(__file__).parents[2] / "src"
    servers = [started(words.before), started(here)]
    try:
        sockets = [socket.create_connection(("127.0.0.1", int(process.stdout.readline().rsplit(b":", 1)[1])))
                   for process in servers]  # fmt: skip
        for one in sockets:
            p50(one, words.requests)
        rounds = [[p50(one, words.requests) for one in sockets] for _ in range(words.rounds)]
    finally:
        for process in servers:
            process.terminate()
    before, after = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(after / before for before, after in rounds)
    print(f"before {before:.1f} us, here {after:.1f} us, ratio of p50 {ratio:.3f}, {words.rounds} rounds")


def started(source: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", SERVER], env=environment, stdout=subprocess.PIPE)


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
    main(parser.parse_args())
