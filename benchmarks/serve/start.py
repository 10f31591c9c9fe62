"""What it takes from the start of a process to its first answer, and memory after some thousand: python start.py ...

    python benchmarks/serve/start.py --python fastapi=path/to/python litserve=path/to/python [--rounds 5]
    python benchmarks/serve/start.py --python omloop=path/to/python torch=path/to/python --only picture

One server at a time, in turn, round after round. `fastapi` runs FastAPI with ONNX Runtime, `torch` FastAPI with
torch, and `omloop` its server, each in an environment of its own where one is named. Seconds are of the clock, until
the server says that it is ready (where it does at all) and until it has answered. CPU time and memory (PSS) are those
of the whole process tree. Times are against omloop with the same model in the same round. The files of environments
are in memory before: nothing is cold.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from compare import SERVERS, table_ways
from harness import Way, conditions, omloop, one_serving, wrk
from quiet import Moment, Noise, add_loud
from subjects import prepare

SUBJECTS = ("table", "picture", "text", "text_int8")
WEIGHT = """
import pathlib, sysconfig
place = pathlib.Path(sysconfig.get_path("purelib"))
kept = [path for path in place.iterdir() if path.name.partition("-")[0] not in ("pip", "setuptools")]
files = [path for one in kept for path in (one.rglob("*") if one.is_dir() else [one]) if path.is_file()]
print(sum(path.suffix == ".dist-info" for path in kept), sum(path.stat().st_size for path in files))
"""


def main(words: argparse.Namespace) -> None:
    pythons = dict(word.split("=", 1) for word in words.python)
    for name, python in pythons.items():
        packages, size = map(int, subprocess.check_output([python, "-c", WEIGHT], text=True).split())
        print(f"{name}: {packages} packages, {size / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as name:
        ways = _ways(Path(name), words.only or SUBJECTS, pythons)
        found: dict[str, dict[str, list[float]]] = {server: defaultdict(list) for server in ways}
        print(f"{conditions()}, medians of {words.rounds} starts")
        before = Moment.now([])
        for _ in range(words.rounds):
            for one, way in ways.items():
                with one_serving(one, way) as server:
                    for figure in ("start_cpu_s", "ready_s", "answered_s"):
                        found[one][figure].append(getattr(server, figure))
                    wrk(server, 4, 2)
                    found[one]["memory_mb"].append(server.memory())
        Noise.since(before, []).require_quiet(words)
    for one, figures in found.items():
        ours = found[_ours(ways, ways[one])]
        print(f"{one:<24}" + "".join(f"{_told(figure, values, ours):>26}" for figure, values in figures.items()))


def _told(figure: str, values: list[float], ours: Mapping[str, list[float]]) -> str:
    times = statistics.median(a / b for a, b in zip(values, ours[figure], strict=True))
    return f"{figure} {statistics.median(values):.3g} ({times:.2f}x)"


def _ours(ways: Mapping[str, Way], way: Way) -> str:
    """The server of omloop that answers the same."""
    return next(name for name, one in ways.items() if name.startswith("omloop") and one.folder == way.folder)


def _ways(folder: Path, subjects: tuple[str, ...], pythons: dict[str, str]) -> dict[str, Way]:
    ways: dict[str, Way] = {}
    here = {"fastapi": sys.executable, **pythons}
    for subject in subjects:
        inside = folder / subject
        inside.mkdir()
        project = prepare(subject, inside)
        ways[f"omloop, {subject}"] = omloop(project, inside, python=pythons.get("omloop", ""))
        if subject == "table":
            ways |= table_ways(inside, {one: here[one] for one in ("fastapi", "litserve") if one in here})
            continue
        for engine in ("torch", "onnx") if subject == "picture" else ("onnx",):
            network = [str(SERVERS / "fastapi_network.py"), str(inside), engine, "{port}"]
            python = here.get("torch", here["fastapi"]) if engine == "torch" else here["fastapi"]
            ways[f"fastapi, {engine}, {subject}"] = Way([python, *network], inside, ready="/healthz")
    return ways


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--only", nargs="*", choices=SUBJECTS, metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=5)
    add_loud(parser)
    main(parser.parse_args())
