"""What the prediction log and the metrics cost a server: with them, without, and with a disk to wait for.

    python benchmarks/serve/log_cost.py [rounds]

`wrk` asks with 64 connections, one row a request of a linear model, round after round. Two server processes differ
by chance more than what is looked for, so one server is switched, by a signal, between three ways: `bare` neither logs
nor counts, `counted` counts, `shipped` does both, as `omloop serve` does. A second server waits for the disk
(`log_durability = "disk"`). Printed are medians of the CPU time of a request, of requests a second and of latencies; in
brackets the median over the rounds of what they are times `bare` in the same round.
"""

import itertools
import os
import signal
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import ROOT, Found, Server, Way, serving, wrk
from subjects import prepare

from omloop.loop import Workspace
from omloop.loop.serving.serve import serve_project
from omloop.monitor import new_id
from omloop.serve import Champion, create_app, serve
from omloop.serve.metrics import Metrics

WAYS = ("bare", "counted", "shipped")
PROJECT = "student_performance"
CONNECTIONS, SECONDS = 64, 1.0


class Uncounted:
    """A counter that does not count."""

    def add(self, *values: str, by: float = 1.0) -> None: ...
    def observe(self, seconds: float, *values: str) -> None: ...


def switch(predictions: Any, metrics: Any) -> Callable[[], None]:
    """A function that switches to the next way, and begins with the first; nothing is added on the way to a method."""
    real = {name: getattr(metrics, name) for name in ("answered", "stages", "queue", "in_flight", "predictions")}
    record, ways = predictions.record, itertools.cycle(WAYS)
    off: dict[str, Any] = dict.fromkeys(real, Uncounted()) | {"answered": lambda *_: None, "stages": lambda *_: None}

    def next_way() -> None:
        way = next(ways)
        vars(predictions)["record"] = record if way == "shipped" else lambda _: None
        vars(metrics).update(off if way == "bare" else real)

    return next_way


def serve_switched(workspace: Workspace, port: int) -> None:
    predictions, metrics = workspace.predictions(PROJECT), Metrics()
    next_way = switch(predictions, metrics)
    next_way()
    signal.signal(signal.SIGUSR1, lambda *_: next_way())
    champion = Champion(workspace.registry(PROJECT), threads=1)
    serve(create_app(champion, predictions, new_id=new_id, metrics=metrics), port=port)


def serve_one(name: str, folder: Path, port: int) -> None:
    given: dict[str, Any] = {"workspace": folder / "ws", "projects": ROOT / "projects", "port": port}
    if name == "switched":
        serve_switched(Workspace.of(**given), port)
    else:
        serve_project(PROJECT, Workspace.of(**given, log_durability="disk"), ready=print)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare("table", folder)
        command = [sys.executable, __file__, "serve"]
        ways = {one: Way([*command, one, str(folder), "{port}"], folder) for one in ("switched", "disk")}
        with serving(ways) as (switched, disk):
            _report(_measured(switched, disk, rounds))


def _measured(switched: Server, disk: Server, rounds: int) -> Found:
    found: Found = {way: defaultdict(list) for way in (*WAYS, "disk")}
    for _ in range(rounds):
        for way in WAYS:
            _measure(switched, found[way])
            os.kill(switched.process.pid, signal.SIGUSR1)
        _measure(disk, found["disk"])
    return found


def _measure(server: Server, figures: dict[str, list[float]]) -> None:
    before = server.cpu()
    asked = wrk(server, CONNECTIONS, SECONDS)
    figures["cpu_us"].append((server.cpu() - before) / asked.good * 1e6)
    figures["requests_s"].append(asked.good / asked.seconds)
    figures["p50_ms"].append(asked.p50)
    figures["p99_ms"].append(asked.p99)


def _report(found: Found) -> None:
    figures = list(found["bare"])
    print(f"{'':<10}" + "".join(f"{figure:>22}" for figure in figures))
    for way, one in found.items():
        line = f"{way:<10}"
        for figure in figures:
            ratios = [mine / bare for mine, bare in zip(one[figure], found["bare"][figure], strict=True)]
            line += f"{statistics.median(one[figure]):>13.4g} ({statistics.median(ratios):5.3f}x)"
        print(line)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve_one(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 40)
