"""CPU seconds from the start of a process to its first answer, and memory after some thousand: python start.py ...

    python benchmarks/serve/start.py --python fastapi=path/to/python litserve=path/to/python [--rounds 5]

One server at a time, in turn, round after round. CPU time and memory (PSS) are those of the whole process tree.
"""

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from compare import SERVERS, table_ways
from harness import Way, conditions, omloop, one_serving, wrk
from subjects import prepare


def main(words: argparse.Namespace) -> None:
    pythons = {"fastapi": sys.executable, **dict(word.split("=", 1) for word in words.python)}
    with tempfile.TemporaryDirectory() as name:
        ways = _ways(Path(name), pythons)
        found: dict[str, dict[str, list[float]]] = {server: defaultdict(list) for server in ways}
        print(f"{conditions()}, medians of {words.rounds} starts")
        for _ in range(words.rounds):
            for one, way in ways.items():
                with one_serving(one, way) as server:
                    found[one]["cpu_s"].append(server.start_cpu_s)
                    wrk(server, 4, 2)
                    found[one]["memory_mb"].append(server.memory())
    ours = found["omloop, table"]["cpu_s"]
    for one, figures in found.items():
        times = statistics.median(a / b for a, b in zip(figures["cpu_s"], ours, strict=True))
        cpu, memory = (statistics.median(figures[figure]) for figure in ("cpu_s", "memory_mb"))
        print(f"{one:<24} {cpu:6.2f} CPU s ({times:5.2f} x omloop), {memory:6.1f} MB")


def _ways(folder: Path, pythons: dict[str, str]) -> dict[str, Way]:
    folders = {subject: folder / subject for subject in ("table", "picture", "text", "text_int8")}
    for subject, inside in folders.items():
        inside.mkdir()
        prepare(subject, inside)
    network = [str(SERVERS / "fastapi_network.py"), str(folders["picture"]), "torch", "{port}"]
    return {
        "omloop, table": omloop("student_performance", folders["table"]),
        **table_ways(folders["table"], {one: pythons[one] for one in ("fastapi", "litserve") if one in pythons}),
        "fastapi, torch": Way([pythons["fastapi"], *network], folders["picture"]),
        "omloop, text": omloop("text", folders["text"]),
        "omloop, text int8": omloop("text_int8", folders["text_int8"]),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=[], metavar="NAME=PATH")
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args())
