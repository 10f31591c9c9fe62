"""Hot swaps under steady load: python benchmarks/serve/swap.py [swaps] [--loud]

Serves a tiny model in a process of its own, asks it 200 times a second over 8 connections, first with the version at
rest, then while two versions are promoted in turn, five times a second. Prints the failed requests (any
answer but a 200, and any broken connection), p99 in both phases and the memory at the beginning and the end, of a quiet
machine only: see `quiet.py`.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from quiet import Moment, Noise, add_loud

from omloop.register import FileBlobs, Registry
from omloop.testing.bundles import tiny_bundle

SERVER = """
import sys
from pathlib import Path
from omloop.monitor import FilePredictions, new_id
from omloop.register import FileBlobs, Registry
from omloop.serve import Champion, ServerOptions, create_app, serve
folder = Path(sys.argv[1])
champion = Champion(Registry(FileBlobs(folder / "versions"), "tiny"))
predictions = FilePredictions(folder / "predictions")
app = create_app(champion, predictions, new_id=new_id, options=ServerOptions(poll_s=0.01))
serve(app, port=0, ready=lambda url: print(url, flush=True))
"""
BODY = json.dumps({"rows": [{"hours": 1, "age": 20, "sex": "m"}]})
CONNECTIONS, PAUSE, REST_S = 8, 0.04, 10.0
EVERY_S = 0.2


def main(words: argparse.Namespace) -> None:
    swaps = words.swaps
    with tempfile.TemporaryDirectory() as name:
        registry = Registry(FileBlobs(Path(name) / "versions"), "tiny")
        versions = [registry.add(tiny_bundle(weight), by="benchmark") for weight in (1.0, 2.0)]
        registry.promote(versions[0], expected=None, by="benchmark", reason="first")
        server = subprocess.Popen([sys.executable, "-c", SERVER, name], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        try:
            _phase(port, lambda: time.sleep(2))
            memory = _memory(server.pid)
            before = Moment.now([server.pid])
            rest = _phase(port, lambda: time.sleep(REST_S))
            began = time.monotonic()
            swapped = _phase(port, lambda: _swap(registry, versions, swaps, port))
            seconds = time.monotonic() - began
            Noise.since(before, [server.pid]).require_quiet(words)
            print(f"swaps               {swaps} in {seconds:.0f} s")
            for phase, (latencies, failed) in {"at rest": rest, "while swapping": swapped}.items():
                p50, p99 = np.percentile(latencies, [50, 99]) * 1000
                print(f"{phase:<19} {len(latencies)} requests, {failed} failed, p50 {p50:.2f} ms, p99 {p99:.2f} ms")
            print(f"p99 while swapping  {np.percentile(swapped[0], 99) / np.percentile(rest[0], 99):.2f} x at rest")
            after = _memory(server.pid)
            grown = f"{after / 1e6:.1f} MB after: {after / memory - 1:+.1%}"
            print(f"memory              {memory / 1e6:.1f} MB before, {grown}")
        finally:
            server.terminate()
            server.wait(20)


def _phase(port: int, work: Callable[[], None]) -> tuple[list[float], int]:
    """Latencies in seconds and failures of the requests while `work` goes on."""
    stop = threading.Event()
    latencies: list[float] = []
    failed: list[object] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not stop.is_set():
            began = time.perf_counter()
            try:
                connection.request("POST", "/v1/predict", BODY, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failed.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            latencies.append(time.perf_counter() - began)
            time.sleep(PAUSE)

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    work()
    stop.set()
    for thread in threads:
        thread.join()
    return latencies, len(failed)


def _swap(registry: Registry, versions: list[str], swaps: int, port: int) -> None:
    """Promote the other version and wait until it serves, again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for number in range(swaps):
        began = time.monotonic()
        old, new = versions[number % 2], versions[(number + 1) % 2]
        registry.promote(new, expected=old, by="benchmark", reason="other")
        while True:
            connection.request("GET", "/readyz")
            if json.loads(connection.getresponse().read())["version"] == new:
                break
            time.sleep(0.005)
        time.sleep(max(0.0, began + EVERY_S - time.monotonic()))


def _memory(pid: int) -> int:
    """Resident bytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swaps", nargs="?", type=int, default=1000)
    add_loud(parser)
    main(parser.parse_args())
