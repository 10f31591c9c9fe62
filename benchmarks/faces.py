"""How often real people are recognised on two pictures of each that were left out: mean over ten dealings.

    python benchmarks/faces.py path/to/faces            # every model, on all pictures but those left out
    python benchmarks/faces.py path/to/faces --turns    # the version of a turn, which chooses its model by itself
    python benchmarks/faces.py path/to/faces --turns choose=validation   # with other words, such as a model's

Prints accuracy (mean, standard deviation, lowest) and the median of the CPU seconds of training, or of a turn.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

from omloop.core import Job, Part, Project
from omloop.loop import Workspace, find_project
from omloop.loop.project.plan import Plan
from omloop.loop.settings import SETTINGS
from omloop.loop.turn.turn import turn

DEALINGS = 10


def main(folder: Path, words: Sequence[str] | None) -> None:
    """Train every model on every dealing, or turn with the words."""
    project = find_project(str(Path(__file__).parents[1] / "projects" / "faces"), SETTINGS.load())
    records: Any = project.read(folder) if project.read else {}
    if words is not None:
        return turns(project, records, folder, words)
    pictures, people = project.inputs.encode(records), project.outputs.encode(records["person"])
    for name, model in project.models.items():
        scores, seconds = [], []
        for seed in range(DEALINGS):
            test = dealt(people, seed)
            rest = np.setdiff1d(np.arange(len(people)), test)
            train, left_out = (Part(pictures[rows], people[rows], rows.astype(str)) for rows in (rest, test))
            with TemporaryDirectory() as scratch:
                none = Part(pictures[:0], people[:0], rest[:0].astype(str))
                log = lambda step, metrics: None  # noqa: E731
                begun = process_time()
                job = Job(model.config(), project.inputs, project.outputs, train, none, seed, log, Path(scratch))
                fitted = model.fit(job)
                seconds.append(process_time() - begun)
            scores.append((fitted.predict(left_out.examples).argmax(axis=1) == left_out.targets).mean())
        print(f"{name:12s} {told(scores)}  {np.median(seconds):.1f} s", flush=True)
    return None


def turns(project: Project, records: Any, folder: Path, words: Sequence[str]) -> None:
    """Turn the project on every dealing, and say what its versions come to on the test part."""
    people = project.outputs.encode(records["person"])
    scores, seconds, chosen = [], [], Counter[str]()
    for seed in range(DEALINGS):
        part = np.full(len(people), "train", dtype="<U5")
        part[dealt(people, seed)] = "test"
        given = {**records, "part": part.tolist()}
        other = replace(project, read=lambda path, given=given: given)
        with TemporaryDirectory() as place:
            workspace = Workspace(replace(SETTINGS.load(), workspace=place))
            begun = process_time()
            turned = turn(Plan.of(other, ["data=file", f"data.path={folder}", *words], workspace))
            seconds.append(process_time() - begun)
        scores.append(turned.report.metrics["accuracy"].value)
        chosen[turned.chosen] += 1
        print(f"  {seed}: {turned.chosen} {scores[-1]:.4f}, by {turned.chosen_by}", flush=True)
    print(f"{dict(chosen)} {told(scores)}  {np.median(seconds):.1f} s", flush=True)


def dealt(people: Any, seed: int) -> Any:
    """Two pictures of each person, for the test."""
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.choice(np.flatnonzero(people == who), 2, replace=False) for who in range(40)])


def told(scores: Sequence[float]) -> str:
    """Mean, standard deviation and the lowest."""
    return f"{np.mean(scores):.4f} (sd {np.std(scores):.3f}, lowest {np.min(scores):.4f})"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[3:] if sys.argv[2:3] == ["--turns"] else None)
