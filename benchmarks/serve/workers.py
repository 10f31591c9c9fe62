"""Requests a second, latency, CPU time and memory of `omloop serve` with 1, 2, ... workers, side by side.

    python benchmarks/serve/workers.py [1 2 4]

Needs Linux and `wrk`. All servers are up at the same time and are asked in turn, round after round, one row a request:
64 connections that stay open, then 2. Medians over the rounds. CPU time is that of the server's whole process tree;
memory is the proportional set size, of the whole tree, of the process that starts the workers, and of one worker. wrk
itself takes most of a core, so on a machine of N cores less than N times as much is to be expected of N workers.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import compare

from omloop.serve.memory import memory_bytes

MB = 1_000_000


def main(counts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare._prepare(folder)
        servers = [_start(count, folder) for count in counts]
        try:
            found = _measured(servers, folder)
        finally:
            for server in servers:
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(20)
    print(f"{os.cpu_count()} cores, medians of {compare.ROUNDS} rounds of {compare.SECONDS} s")
    figures = list(next(iter(found.values())))
    print(f"{'workers':<10}" + "".join(f"{figure:>16}" for figure in figures))
    for count, one in found.items():
        print(f"{count:<10}" + "".join(f"{statistics.median(one[figure]):>16.4g}" for figure in figures))


def _start(count: int, folder: Path) -> compare.Server:
    port = compare._free_port()
    words = ["serve", compare.PROJECT, "--workspace", str(folder / "ws"), "--projects", str(compare.ROOT / "projects")]
    process = subprocess.Popen(
        [sys.executable, "-m", "omloop", *words, "--port", str(port), "--workers", str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()  # all workers answer
    return compare.Server(str(count), process, port)


def _measured(servers: Sequence[compare.Server], folder: Path) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {server.name: defaultdict(list) for server in servers}
    for _ in range(compare.ROUNDS):
        for server in servers:
            one = found[server.name]
            before = server.cpu()
            many = compare._wrk(server, folder, connections=64)
            one["requests_s_64"].append(many["requests"] / compare.SECONDS)
            one["cpu_us_64"].append((server.cpu() - before) / many["requests"] * 1e6)
            one["p50_ms_64"].append(many["p50"])
            one["p99_ms_64"].append(many["p99"])
            one["requests_s_2"].append(compare._wrk(server, folder, connections=2)["requests"] / compare.SECONDS)
            parent, *workers = [memory_bytes(pid) or 0 for pid in compare._tree(server.process.pid)]
            one["total_mb"].append((parent + sum(workers)) / MB)
            one["parent_mb"].append(parent / MB)
            one["a_worker_mb"].append(statistics.mean(workers or [parent]) / MB)
    return found


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1, 2])
