"""What it costs to keep a prediction, beside the least that it could cost and beside a database.

    python benchmarks/monitor.py

Three ways take turns, round by round, over the same predictions and in the same folder: `record` as the server calls
it; `os.write` of the same bytes, ready-made, to a file opened with O_APPEND; and one SQLite INSERT a prediction,
committed (WAL, synchronous=NORMAL, no primary key to keep). Printed are medians over the rounds, and ratios to the bare
write. All three survive the death of the process, and none waits for the disk.
"""

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from omloop.core import Prediction
from omloop.monitor import FilePredictions, new_id
from omloop.monitor.log.records import frame_prediction

ROUNDS = 60
BATCHES = (1, 8, 64)
CALLS = 200

Way = Callable[[Sequence[Prediction]], None]


def predictions(count: int) -> list[Prediction]:
    """Predictions of 22 inputs, the size of a table of students."""
    inputs = {f"column_{number:02d}": number * 1.25 if number % 3 else "a word" for number in range(22)}
    return [Prediction(new_id(), time.time(), "0123456789ab", inputs, {"value": 61.25}, 0.42) for _ in range(count)]


def bare_write(path: Path, sample: list[Prediction]) -> Way:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    ready = b"".join(map(frame_prediction, sample))
    return lambda _: [os.write(descriptor, ready), None][1]


def insert_each(path: Path) -> Way:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE predictions (id TEXT, time, version, inputs, output, latency_ms)")
    statement = "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?)"

    def insert(batch: Sequence[Prediction]) -> None:
        for one in batch:
            row = (one.id, one.time, one.version, orjson.dumps(one.inputs), orjson.dumps(one.output), one.latency_ms)
            connection.execute(statement, row)

    return insert


def measure(batch: int, folder: Path) -> dict[str, float]:
    """Median microseconds a prediction, by way."""
    sample = predictions(batch)
    ways: dict[str, Way] = {
        "os.write": bare_write(folder / f"bare-{batch}", sample),
        "record": FilePredictions(folder / f"log-{batch}").record,
        "INSERT": insert_each(folder / f"insert-{batch}.sqlite"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            for _ in range(CALLS // batch or 1):
                way(sample)
            seconds[name].append((time.perf_counter() - start) / (CALLS // batch or 1) / batch)
    return {name: statistics.median(values) * 1e6 for name, values in seconds.items()}


def index_rate(folder: Path, rows: int = 20_000) -> float:
    """Predictions a second that the index takes in."""
    memory = FilePredictions(folder / "rate")
    for _ in range(rows // 100):
        memory.record(predictions(100))
    start = time.perf_counter()
    memory.window(newest=1)
    return rows / (time.perf_counter() - start)


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}")
    print("batch   os.write      record           INSERT        (microseconds a prediction; times the bare write)")
    with tempfile.TemporaryDirectory() as name:
        for batch in BATCHES:
            took = measure(batch, Path(name))
            least = took["os.write"]
            others = "   ".join(f"{took[way]:6.2f} ({took[way] / least:4.1f}x)" for way in ("record", "INSERT"))
            print(f"{batch:5d}   {least:8.2f}   {others}")
        print(f"the index takes in {index_rate(Path(name)):,.0f} predictions a second")


if __name__ == "__main__":
    main()
