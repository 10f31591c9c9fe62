"""Requests a second, latency, CPU time and memory of `omloop serve` with 1, 2, ... workers, side by side.

    python benchmarks/serve/workers.py [1 2 4]

Needs Linux and `wrk`. All servers are up at the same time and are asked in turn, round after round, one row a request:
64 connections that stay open, then 2. Medians over the rounds. CPU time is that of the server's whole process tree;
memory is the proportional set size, of the whole tree, of the process that starts the workers, and of one worker. wrk
itself takes most of a core, so on a machine of N cores less than N times as much is to be expected of N workers.
"""

import argparse
import os
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from harness import Found, Server, omloop, serving, tree, wrk
from subjects import prepare

from omloop.serve.memory import memory_bytes

MB = 1_000_000


def main(counts: Sequence[int], rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = prepare("table", folder)
        ways = {str(count): omloop(project, folder, "--workers", str(count)) for count in counts}
        with serving(ways) as servers:
            found = _measured(servers, rounds, seconds)
    print(f"{os.cpu_count()} cores, medians of {rounds} rounds of {seconds:g} s")
    figures = list(next(iter(found.values())))
    print(f"{'workers':<10}" + "".join(f"{figure:>16}" for figure in figures))
    for count, one in found.items():
        print(f"{count:<10}" + "".join(f"{statistics.median(one[figure]):>16.4g}" for figure in figures))


def _measured(servers: Sequence[Server], rounds: int, seconds: float) -> Found:
    found: Found = {server.name: defaultdict(list) for server in servers}
    for _ in range(rounds):
        for server in servers:
            one = found[server.name]
            before = server.cpu()
            many = wrk(server, 64, seconds)
            one["requests_s_64"].append(many.good / many.seconds)
            one["cpu_us_64"].append((server.cpu() - before) / many.good * 1e6)
            one["p50_ms_64"].append(many.p50)
            one["p99_ms_64"].append(many.p99)
            few = wrk(server, 2, seconds)
            one["requests_s_2"].append(few.good / few.seconds)
            parent, *workers = [memory_bytes(pid) or 0 for pid in tree(server.process.pid)]
            one["total_mb"].append((parent + sum(workers)) / MB)
            one["parent_mb"].append(parent / MB)
            one["a_worker_mb"].append(statistics.mean(workers or [parent]) / MB)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("counts", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    words = parser.parse_args()
    main(words.counts, words.rounds, words.seconds)
