"""How long a request takes among others: ten clients with pauses, ten without, health checks of a server at its limit.

    python benchmarks/serve/latency.py table|picture|text|resnet [--rounds 3] [--seconds 5]

The model alone, one example in this process, is what p99 is compared with. Ten clients with pauses ask, together, as
often as takes a third of one core (200 times a second at most), each when its own chance says so. Then the same ten
without a pause, and 64 by wrk while `/healthz` is asked 50 times a second. All in turn, round after round; medians.
Rows are told of a quiet machine only: see `quiet.py`.
"""

import argparse
import http.client
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from harness import ROOT, Server, conditions, omloop, one_serving, wrk
from quiet import Moment, Noise, add_loud
from subjects import prepare

from omloop.loop import Workspace
from omloop.serve import Champion
from omloop.serve.version.champion import Serving

CLIENTS, SHARE, MOST_RATE, HEALTH_S = 10, 0.33, 200.0, 0.02


def main(words: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = prepare(words.subject, folder)
        serving = in_process(project, folder)
        found: dict[str, list[float]] = defaultdict(list)
        print(f"{words.subject}: {conditions()}, medians of {words.rounds} rounds of {words.seconds:g} s", flush=True)
        with one_serving("omloop", omloop(project, folder)) as server:
            wrk(server, 4, 1)
            noises = []
            for _ in range(words.rounds):
                before = Moment.now([server.process.pid])
                bare = model_ms(serving, words.seconds / 2)
                found["model alone p50"].append(bare)
                paused = with_pauses(server, min(MOST_RATE, SHARE / (bare / 1000)), words.seconds)
                for figure, share in (("p50", 50), ("p99", 99)):
                    found[f"{CLIENTS} clients with pauses {figure}"].append(float(np.percentile(paused, share)))
                    found[f"{figure} with pauses / model"].append(
                        found[f"{CLIENTS} clients with pauses {figure}"][-1] / bare
                    )
                noises.append(Noise.since(before, [server.process.pid]))
                found[f"{CLIENTS} clients without p99"].append(wrk(server, CLIENTS, words.seconds).p99)
                for figure, value in health(server, words.seconds).items():
                    found[f"health at 64 clients {figure}"].append(value)
    max(noises, key=lambda noise: noise.others + noise.stolen).require_quiet(words)
    for figure, values in found.items():
        print(f"{figure:<32}{statistics.median(values):10.3f}{'' if '/' in figure else ' ms'}")


def in_process(project: str, folder: Path) -> Serving:
    """The champion, ready in this process, as a server has it."""
    registry = Workspace.of(workspace=str(folder / "ws"), projects=str(ROOT / "projects")).registry(project)
    champion = Champion(registry, threads=1)
    champion.refresh()
    champion.refresh()  # measures how many go best together
    assert champion.serving is not None, champion.problem
    return champion.serving


def model_ms(serving: Serving, seconds: float) -> float:
    """The median of one run of the model on one example."""
    example = serving.session.inputs.parse([serving.example])
    times, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        serving.session.run(example)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def with_pauses(server: Server, rate: float, seconds: float) -> list[float]:
    """Milliseconds of each answer to ten clients that ask `rate` times a second together."""
    path = server.way.folder / f"{server.way.post}.lua"
    media = path.read_text().split('Content-Type"] = "')[1].split('"')[0]
    body, times = path.with_suffix(".bin").read_bytes(), list[float]()
    until = time.perf_counter() + seconds

    def ask(seed: int) -> None:
        chance, connection = random.Random(seed), http.client.HTTPConnection("127.0.0.1", server.port)
        time.sleep(chance.random() * CLIENTS / rate)
        while time.perf_counter() < until:
            began = time.perf_counter()
            connection.request("POST", server.way.path, body, {"Content-Type": media})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            times.append((time.perf_counter() - began) * 1000)
            time.sleep(chance.expovariate(rate / CLIENTS))

    clients = [threading.Thread(target=ask, args=[seed]) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return times


def health(server: Server, seconds: float) -> dict[str, float]:
    """Milliseconds of health checks while 64 clients ask without a pause."""
    times, over = list[float](), threading.Event()
    checking = threading.Thread(target=ask_health, args=[server, over, times])
    checking.start()
    wrk(server, 64, seconds)
    over.set()
    checking.join()
    return {"p50": statistics.median(times), "p99": float(np.percentile(times, 99)), "most": max(times)}


def ask_health(server: Server, over: threading.Event, times: list[float]) -> None:
    """Health checks over new connections, 50 times a second, until it is `over`; milliseconds are added to `times`."""
    over.wait(0.5)  # the load comes first
    while not over.wait(HEALTH_S):
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        connection.close()
        times.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=("table", "picture", "large_picture", "text", "text_int8", "resnet"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    add_loud(parser)
    main(parser.parse_args())
