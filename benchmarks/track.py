"""What recording costs a run, and how long its memory takes to list: python benchmarks/track.py

The CPU that the looks at CPU and memory take of an idle process, alone and with four processes beside it; the seconds
before a run begins that its packages and its uncommitted changes take; and the seconds to list, to find and to compare
runs where there are 1,000.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from omloop.core import Settings
from omloop.loop import Workspace
from omloop.loop.runs.compare import compare_runs
from omloop.loop.runs.runs import order_runs, runs_of
from omloop.track import Sampler, all_packages, uncommitted_changes

SECONDS, RUNS = 20.0, 1000


def looks() -> float:
    """The share of one core that the looks take, in percent."""
    before = sum(os.times()[:2])
    with Sampler(lambda content: None) as sampler:
        time.sleep(SECONDS)
    taken = sum(os.times()[:2]) - before
    return 100 * taken / SECONDS if sampler.points else float("nan")


def taken(what: str, do: object) -> None:
    """Print how long one call takes."""
    begun = time.perf_counter()
    do()  # type: ignore[operator]
    sys.stdout.write(f"{what:<42} {time.perf_counter() - begun:8.3f} s\n")


def main() -> None:
    """Measure and print all of it."""
    sys.stdout.write(f"{'looks, of one core':<42} {looks():8.3f} %\n")
    sleepers = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(4)]
    sys.stdout.write(f"{'looks, with four processes, of one core':<42} {looks():8.3f} %\n")
    for sleeper in sleepers:
        sleeper.kill()
        sleeper.wait()
    taken("packages, the first time", all_packages)
    taken("uncommitted changes", lambda: uncommitted_changes(Path.cwd()))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Settings(workspace=folder))
        tracker = workspace.tracker()
        for index in range(RUNS):
            run = tracker.start("toy", f"seed: {index}\n", {})
            estimate = {"value": index / RUNS, "low": 0.0, "high": 1.0}
            run.finish("finished", {"kind": "turn", "metric": "r2", "metrics": {"r2": estimate}})
        names = [one.name for one in runs_of("toy", workspace)[:2]]
        taken(f"list {RUNS:,} runs", lambda: runs_of("toy", workspace))
        taken(f"order {RUNS:,} runs", lambda: order_runs(runs_of("toy", workspace), "r2"))
        taken(f"compare two of {RUNS:,} runs", lambda: compare_runs("toy", names, workspace))
        words = [sys.executable, "-m", "omloop", "runs", "toy", "--sort", "r2", "--workspace", folder]
        taken("omloop runs, whole command", lambda: subprocess.run(words, check=True, capture_output=True))


if __name__ == "__main__":
    main()
