"""How fast the index of predictions is filled and asked, in SQLite and in PostgreSQL.

    OMLOOP_POSTGRES_URL=postgresql://... python benchmarks/monitor_index.py

Both take turns over the same segments, each round in a new file and a new schema, which goes afterwards. Printed are
medians over the rounds, with the CPU time of this process; that of PostgreSQL's own processes is not in it.
"""

import os
import platform
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from monitor import predictions
from omloop.core import Label
from omloop.monitor import FilePredictions
from omloop.monitor.index.postgres import VARIABLE, PostgresPredictions
from omloop.monitor.index.tables import SCHEMA_VERSION

ROUNDS = 7
ROWS = 20_000
LABELS = 500


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and seconds of this process's CPU."""
    clock, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - clock, time.process_time() - cpu


def measure(memory: FilePredictions) -> dict[str, tuple[float, float]]:
    """Seconds a row: to fill the index, to read a window of 1,000, to take labels, to find one prediction."""
    found: dict[str, tuple[float, float]] = {}

    def note(what: str, rows: int, act: Callable[[], Any]) -> None:
        clock, cpu = timed(act)
        found[what] = clock / rows, cpu / rows

    note("index", ROWS, lambda: memory.window(newest=1))
    window = memory.window(newest=LABELS)
    note("window", 1000, lambda: memory.window(newest=1000))
    note("label", LABELS, lambda: memory.feedback([Label(one.id, 60.0, one.time) for one in window.predictions]))
    note("find", 100, lambda: [memory.find(one.id) for one in window.predictions[:100]])
    return found


def main() -> None:
    url = os.environ[VARIABLE]
    with psycopg.connect(url, autocommit=True) as connection, tempfile.TemporaryDirectory() as name:
        version = connection.info.parameter_status("server_version")
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}, ", end="")
        print(f"PostgreSQL {version}, {ROUNDS} rounds of {ROWS:,} predictions")
        log = FilePredictions(Path(name) / "log")
        for _ in range(ROWS // 100):
            log.record(predictions(100))
        took: dict[str, list[dict[str, tuple[float, float]]]] = {"SQLite": [], "PostgreSQL": []}
        for number in range(ROUNDS):
            for way, memory in (("SQLite", FilePredictions), ("PostgreSQL", PostgresPredictions)):
                folder = Path(name) / f"{way.lower()}_{os.getpid()}_{number}"
                shutil.copytree(Path(name) / "log", folder)
                took[way].append(measure(memory(folder)))
                schema = f"omloop_{folder.name}_{SCHEMA_VERSION}"
                connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
                shutil.rmtree(folder)
    for what in ("index", "window", "label", "find"):
        middle = {
            way: [statistics.median(one[what][part] for one in rounds) for part in (0, 1)]
            for way, rounds in took.items()
        }
        words = (f"{way} {1 / clock:8,.0f}/s ({cpu * 1e6:6.1f} us CPU)" for way, (clock, cpu) in middle.items())
        print(f"{what:7s}", "   ".join(words))


if __name__ == "__main__":
    main()
