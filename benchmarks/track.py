"""What recording costs a run, and how long its memory takes to list: python benchmarks/track.py [memory | mirrors]

memory: the CPU that the looks at CPU and memory take of an idle process, alone and with four processes beside it; the
seconds before a run begins that its packages and its uncommitted changes take; and the seconds to list, to find and to
compare runs where there are 1,000.

mirrors: the microseconds that a logged number takes on the thread that trains, and the seconds of a training, with the
run folders alone, with MLflow (a file) beside them and with Weights & Biases (offline) beside them. A training
is set beside the same one that logs nowhere, in turns.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from omloop.core import Run, Settings
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.runs.compare import compare_runs
from omloop.loop.runs.runs import order_runs, runs_of
from omloop.loop.turn.recording import RunRecording, recorded_run
from omloop.loop.turn.training import _logger, train_models
from omloop.track import Sampler, all_packages, uncommitted_changes

SECONDS, RUNS = 20.0, 1000
CALLS, ROUNDS = 500, 3
TRACKS = ("files", "files, mlflow", "files, wandb:offline")
PROJECT = "student_performance"
WORDS = {"boosting": ["data.rows=4000", "model=boosting"], "mlp": ["data.rows=1000", "model=mlp", "most_epochs=4"]}


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


class NoRun:
    """A run that keeps nothing."""

    name = "none"

    def log(self, step: int, metrics: Mapping[str, float]) -> None: ...

    def keep(self, name: str, content: bytes) -> None: ...

    def finish(self, status: str, summary: Mapping[str, object]) -> None: ...


class NoSampler:
    """Looks at nothing."""

    points: Sequence[Mapping[str, float]] = ()

    def stop(self) -> None: ...


def number_us(run: Run, numbers: int) -> float:
    """Microseconds that one number takes the thread that trains, where a call logs so many; the best of nine rounds."""
    recording = RunRecording(run, NoSampler(), {})  # type: ignore[arg-type]
    log = _logger(recording, "model", defaultdict(list), lambda text: None)
    metrics = {f"metric_{index}": 0.5 * index for index in range(numbers)}
    rounds = []
    for _ in range(9):
        begun = time.perf_counter()
        for step in range(CALLS):
            log(step, metrics)
        rounds.append((time.perf_counter() - begun) / CALLS / numbers * 1e6)
        time.sleep(0.3)
    return min(rounds)  # the others had to share their core


def numbers() -> None:
    """Print what a logged number takes."""
    for track in TRACKS:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            tracker = Workspace(Settings(workspace=folder, track=track)).tracker()
            for count in (1, 10):
                run = tracker.start("toy", "seed: 1\n", {})
                one = number_us(run, count)
                run.finish("finished", {})
                sys.stdout.write(f"{f'{track}: one of {count} numbers a call':<48} {one:8.2f} us\n")


def trainings(model: str) -> None:
    """Print what a training takes beside one that logs nowhere, and how long its end waits for mirrors."""
    seconds: dict[str, list[float]] = defaultdict(list)
    ends: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for turn in range(ROUNDS + 1):
            for track in ("", *TRACKS):
                plan = Plan.of(PROJECT, WORDS[model], Workspace(Settings(workspace=folder, track=track or "files")))
                dataset = split(plan, gather(plan))
                begun = time.perf_counter()
                if track:
                    with recorded_run(plan, kind="train", dataset=dataset) as run:
                        train_models(plan, dataset, run, Path(folder, f"{turn}{track}"))
                        trained = time.perf_counter()
                        run.finish("finished", {})
                else:
                    train_models(plan, dataset, NoRun(), Path(folder, f"{turn}"))
                    trained = time.perf_counter()
                if turn:  # the first one imports
                    seconds[track].append(trained - begun)
                    ends[track].append(time.perf_counter() - trained)
    bare = statistics.median(seconds.pop(""))
    sys.stdout.write(f"{f'{model}: logs nowhere':<48} {bare:8.2f} s\n")
    for track, found in seconds.items():
        ratio, end = statistics.median(found) / bare, statistics.median(ends[track])
        sys.stdout.write(f"{f'{model}: {track}':<48} {ratio:8.2f} times that, and {end:.2f} s at its end\n")


def mirrors() -> None:
    """Measure and print what logging costs."""
    numbers()
    for model in WORDS:
        trainings(model)


def memory() -> None:
    """Measure and print what recording and listing cost."""
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
    for part in sys.argv[1:] or ["memory", "mirrors"]:
        {"memory": memory, "mirrors": mirrors}[part]()
