"""Batch prediction against the bare session: rows a second, and the most memory at 100,000 and 1,000,000 rows.

    python benchmarks/predict_batch.py                       # linear, boosting and mlp; csv and parquet
    python benchmarks/predict_batch.py linear --rows 200000  # one model, fewer rows

Rows are the simulated ones of `student_performance`. The bare loop has them as float32 arrays already and does nothing
but run the packaged graph: 512 rows a call as omloop does, and 16,384, with one thread and with as many as there are
cores; the fastest of the four counts. It is measured before and after each batch, and the ratio is to the mean of both.
Where others use the machine too, the seconds of CPU tell more: a batch has them from its first line to the finished
file, the bare loop those of one thread. Each measurement is a process of its own, whose most memory is what the system
says of it (`VmHWM`).
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from omloop import Workspace
from omloop.bundle import Session
from omloop.core import Project, Settings, cpu_quota
from omloop.loop import find_project
from omloop.loop.serving.batch.parts import Parts

NAME = "student_performance"
PROJECTS = str(Path(__file__).parent.parent / "projects")
BLOCK = 50_000
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["linear", "boosting", "mlp"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    args = parser.parse_args()
    project = find_project(NAME, Settings(projects=PROJECTS))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        counts = (args.rows // 10, args.rows)
        for rows in counts:
            write_rows(project, folder, rows)
        for model in args.models:
            Workspace(folder / model, projects=PROJECTS).turn(NAME, f"model={model}")
            for suffix in ("csv", "parquet"):
                measure(folder, model, suffix, counts)


def write_rows(project: Project, folder: Path, rows: int) -> None:
    """A CSV and a Parquet file of simulated rows."""
    import polars

    parts = [project.simulate(min(BLOCK, rows - done), done, 0.0) for done in range(0, rows, BLOCK)]
    frame = polars.concat(polars.DataFrame(dict(part), strict=False) for part in parts)
    frame.write_csv(folder / f"{rows}.csv")
    frame.write_parquet(folder / f"{rows}.parquet")


def measure(folder: Path, model: str, suffix: str, counts: tuple[int, int]) -> None:
    """Print a line: the speed of both, side by side, and the memory."""
    few, many = counts
    ratios, shares = [], []
    before = own_process("bare", folder, model, few)
    for _ in range(RUNS):
        found, after = own_process("batch", folder, model, many, suffix), own_process("bare", folder, model, few)
        speed, bare = found["rows_per_s"], (before["rows_per_s"] + after["rows_per_s"]) / 2
        ratios.append(speed / bare)
        shares.append((before["cpu_us"] + after["cpu_us"]) / 2 / found["cpu_us"])
        before = after
    least = own_process("batch", folder, model, few, suffix)["mb"]
    print(
        f"{model:9} {suffix:8} {speed:10,.0f} rows/s, bare loop {bare:10,.0f}: ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}); {found['cpu_us']:.1f} us of CPU a row, the graph "
        f"alone {statistics.median(shares):.0%} of it, keeping in order {found['keeping_us']:.2f} us; "
        f"memory {least:.0f} MB at {few:,} rows, "
        f"{found['mb']:.0f} MB at {many:,} (x{found['mb'] / least:.2f})",
        flush=True,
    )


def own_process(what: str, folder: Path, model: str, rows: int, suffix: str = "csv") -> dict[str, float]:
    """What a process of its own measured."""
    words = [sys.executable, __file__, "--child", what, str(folder), model, str(rows), suffix]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


def child(what: str, folder: str, model: str, rows: str, suffix: str) -> None:
    workspace = Workspace(Path(folder) / model, projects=PROJECTS)
    found = bare(workspace, int(rows)) if what == "bare" else batch(workspace, Path(folder), int(rows), suffix)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({**found, "mb": int(peak.split()[1]) / 1024}))


def batch(workspace: Workspace, folder: Path, rows: int, suffix: str) -> dict[str, float]:
    """A batch as a user starts it."""
    keeping = [0.0]
    Parts.add = timed(Parts.add, time.thread_time, keeping)  # type: ignore[method-assign]
    Parts.finish = timed(Parts.finish, time.process_time, keeping)  # type: ignore[method-assign]
    begun = time.process_time()
    result = workspace.predict_batch(NAME, folder / f"{rows}.{suffix}", folder / "answers.parquet", keep=["student_id"])
    cpu = time.process_time() - begun
    return {"rows_per_s": result.rows_per_s, "cpu_us": cpu / rows * 1e6, "keeping_us": keeping[0] / rows * 1e6}


def timed(work: Callable[..., Any], clock: Callable[[], float], total: list[float]) -> Callable[..., Any]:
    """The same, adding what it takes: what one thread does for all blocks limits how many cores pay."""

    def measured(*words: object) -> Any:
        begun = clock()
        try:
            return work(*words)
        finally:
            total[0] += clock() - begun

    return measured


def bare(workspace: Workspace, rows: int) -> dict[str, float]:
    """The graph alone, on rows that are float32 already."""
    registry = workspace.places.registry(NAME)
    bundle = registry.load(registry.require_champion())
    project = find_project(NAME, Settings(projects=PROJECTS))
    examples = bundle.kind.encode(project.simulate(rows, 1, 0.0))
    feeds = [bundle.kind.feeds(examples[start : start + 16_384]) for start in range(0, rows, 16_384)]
    best, cpu_us = 0.0, float("inf")
    for threads in {1, cpu_quota()}:
        session = Session.of(bundle, threads=threads)
        for size in (512, 16_384):
            begun = time.process_time()
            best = max(best, rows / seconds_of(session, feeds, size))
            cpu_us = min(cpu_us, (time.process_time() - begun) / rows * 1e6) if threads == 1 else cpu_us
    return {"rows_per_s": best, "cpu_us": cpu_us}


def seconds_of(session: Session, feeds: list[dict[str, np.ndarray]], size: int) -> float:
    begun = time.perf_counter()
    for feed in feeds:
        (name, rows), *_ = feed.items()
        for start in range(0, len(rows), size):
            session._engine.run(session._wanted, {name: rows[start : start + size]})
    return time.perf_counter() - begun


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
