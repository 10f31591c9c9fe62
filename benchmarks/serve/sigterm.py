"""What clients see of a server that is told to end: resets, and answers, over keep-alive connections without a pause.

    python benchmarks/serve/sigterm.py --runs 20 --connections 16 --workers 1 --drain-s 1

Each run starts a server of its own, asks over so many connections, sends SIGTERM and goes on until the listener is
closed. A refused connection is the normal end. A reset, or an answer cut short, is a request that a client has to
guess about.
"""

import argparse
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

from omloop.serve import Champion, create_app, serve
from omloop.serve.process.shared_metrics import SharedMetrics
from omloop.serve.process.supervise import supervise
from omloop.serve.process.worker import serve_part
from omloop.serve.process.worker_part import WorkerPart
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

BODY = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
REQUEST = HEAD % len(BODY) + BODY


def server(workers: int, drain_s: float) -> None:
    """Serve a tiny model until a signal; the address is the first line of stdout."""
    part = WorkerPart.taken()
    predictions, ids = MemoryPredictions(), itertools.count()
    if part is None and workers > 1:
        words = [sys.executable, __file__, "--server", "--drain-s", str(drain_s)]
        raise SystemExit(
            supervise(lambda _: words, workers, host="127.0.0.1", port=0, ready=told, drain_s=drain_s, grace_s=10.0)
        )
    champion = Champion(MemoryVersions(tiny_bundle()), threads=1)
    if part is not None:
        metrics = SharedMetrics(part)
        app = create_app(champion, predictions, new_id=lambda: str(next(ids)), metrics=metrics)
        serve_part(app, metrics, part, drain_s=drain_s)
        return
    app = create_app(champion, predictions, new_id=lambda: str(next(ids)))
    serve(app, port=0, ready=told, drain_s=drain_s)


def told(address: str) -> None:
    """Tell whoever started this server."""
    print(address, flush=True)


def ask(place: tuple[str, int], ended: threading.Event, seen: Counter[str]) -> None:
    """Ask again and again until the listener is closed; a connection is kept as long as the server keeps it."""
    connection: socket.socket | None = None
    while not ended.is_set():
        try:
            connection = connection or socket.create_connection(place, timeout=10)
        except ConnectionRefusedError:
            seen["refused"] += 1
            return
        except ConnectionError:
            seen["reset while connecting"] += 1
            continue
        try:
            connection.sendall(REQUEST)
            answer = connection.recv(65_536)
        except ConnectionError:
            seen["reset"] += 1
            connection.close()
            connection = None
            continue
        seen["answered" if answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"}") else "cut"] += 1
        if b"connection: close" in answer or not answer:
            seen["last answers"] += bool(answer)
            connection.close()
            connection = None


def run(connections: int, workers: int, drain_s: float) -> tuple[Counter[str], float, int, str]:
    """What the clients of one server saw, the seconds from signal to end, its exit code and its last words."""
    words = [sys.executable, __file__, "--server", "--workers", str(workers), "--drain-s", str(drain_s)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        host, port = process.stdout.readline().strip().removeprefix("http://").split(":")
        ended, seen = threading.Event(), [Counter[str]() for _ in range(connections)]
        threads = [threading.Thread(target=ask, args=((host, int(port)), ended, one)) for one in seen]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        began = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        code = process.wait(30)
        took = time.monotonic() - began
        ended.set()
        for thread in threads:
            thread.join()
        return sum(seen, Counter[str]()), took, code, process.stderr.read()


def main() -> None:
    """Print a table with a line a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--drain-s", type=float, default=1.0)
    parser.add_argument("--server", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.server:
        server(asked.workers, asked.drain_s)
        return
    print(f"{asked.connections} connections, {asked.workers} worker(s), drain {asked.drain_s:g} s")
    print("run  answered  last  reset  reset connecting  cut  refused  seconds  code  stderr")
    total = Counter[str]()
    for number in range(1, asked.runs + 1):
        seen, took, code, words = run(asked.connections, asked.workers, asked.drain_s)
        total += seen
        kinds = ("answered", "last answers", "reset", "reset while connecting", "cut", "refused")
        counts = "  ".join(str(seen[kind]) for kind in kinds)
        print(f"{number}  {counts}  {took:.2f}  {code}  {len(words)}", flush=True)
        if words:
            print(words[-600:])
    print("all:", dict(total))


if __name__ == "__main__":
    main()
