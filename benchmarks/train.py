"""Processor seconds of a training beside what it took before: python benchmarks/train.py [PROJECT=PATH ...]

For each project that is named, from its real pictures (else for `emotion` and `skin_lesion`, from drawn ones), the
project's own network learns PICTURES of them for two epochs: in turn as it did before, with a thread for each core of
the quota and in bfloat16 where there are instructions for it; the same with one thread; and as it does now, at the pace
that the trial found. Prints the medians of ROUNDS over the second epochs: processor and
wall seconds for 1,000 pictures, and how many times fewer they are now. Threads that wait for each other cost most
beside other work.
"""

import contextlib
import os
import resource
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

os.environ.pop("OMP_NUM_THREADS", None)  # the pace is to be found, not told

import numpy as np
import torch

from omloop.core import Job, Part, Project, cpu_quota
from omloop.loop import find_project
from omloop.loop.project.configure import configure
from omloop.loop.settings import SETTINGS
from omloop.train.plan import Plan

MODELS = {"emotion": "cnn", "skin_lesion": "baseline_cnn"}
PICTURES, ROUNDS = 320, 5


def main() -> None:
    paths = dict(word.split("=", 1) for word in sys.argv[1:])
    print(f"{cpu_quota()} cores, load {os.getloadavg()[0]:.1f}, torch {torch.__version__}")
    for name in paths or MODELS:
        project = find_project(name, SETTINGS.load({"projects": str(Path(__file__).parents[1] / "projects")}))
        assert project.read is not None
        records = project.read(Path(paths[name])) if name in paths else project.simulate(PICTURES, 1, 0.0)
        few = np.random.default_rng(0).permutation(len(records[project.target]))[:PICTURES]
        records = {field: [values[row] for row in few] for field, values in records.items()}
        examples, targets = project.inputs.encode(records), project.outputs.encode(records[project.target])
        measure(project, MODELS[name], Part(examples, targets, few.astype(str)), "real" if name in paths else "drawn")


def measure(project: Project, model: str, part: Part, kind: str) -> None:
    found: dict[str, list[tuple[float, float]]] = {"before": [], "one thread": [], "now": []}
    with tempfile.TemporaryDirectory() as folder:
        config = replace(configure(project, [f"model={model}"]).models[model], epochs=40)
        tenth = Part(part.examples[::10], part.targets[::10], part.keys[::10])
        job = Job(config, project.inputs, project.outputs, part, tenth, 0, print, Path(folder) / "job", Path(folder))
        found_pace = replace(job, log=stop_at_once, tell=lambda words: print(f"{project.name}: {words}", flush=True))
        project.models[model].fit(found_pace)  # the trial, which keeps what it found for the others
        for _ in range(ROUNDS):
            for how, threads in (("before", cpu_quota()), ("one thread", 1)):
                with as_before(threads):
                    found[how].append(second_epoch(project, model, job))
            found["now"].append(second_epoch(project, model, job))
    each = {
        how: [1000 * median(column) / len(part) for column in zip(*taken, strict=True)] for how, taken in found.items()
    }
    for how, (cpu, wall) in each.items():
        more = f"{cpu / each['now'][0]:.2f} and {wall / each['now'][1]:.2f} times those of now"
        print(f"  {kind} pictures, {how:10} {cpu:7.2f} CPU s and {wall:7.2f} s for 1,000: {more}", flush=True)


def second_epoch(project: Project, model: str, job: Job) -> tuple[float, float]:
    """Processor and wall seconds between the ends of the first and of the second epoch."""
    ends: list[tuple[float, float]] = []

    def log(step: int, metrics: Mapping[str, float]) -> bool:
        used = resource.getrusage(resource.RUSAGE_SELF)
        ends.append((used.ru_utime + used.ru_stime, perf_counter()))
        return len(ends) < 2

    project.models[model].fit(replace(job, log=log))
    return ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]


@contextlib.contextmanager
def as_before(threads: int) -> Iterator[None]:
    """So many threads untried, and the recipe's precision."""

    def untried(answering: Any, lesson: Any, job: Job, plan: Plan) -> Plan:
        torch.set_num_threads(threads)
        return plan

    with patch("omloop.train.lightning.at_pace", untried):
        yield


def stop_at_once(step: int, metrics: Mapping[str, float]) -> bool:
    return False


if __name__ == "__main__":
    main()
