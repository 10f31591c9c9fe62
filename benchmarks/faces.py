"""How often real people are recognised on two pictures of each that were left out: mean over ten dealings.

    python benchmarks/faces.py path/to/faces

Every model of the project `faces` learns from all other pictures of a person. Prints accuracy (mean, standard
deviation, lowest) and the median of the seconds of training.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from omloop.core import Job, Part
from omloop.loop import find_project
from omloop.loop.settings import SETTINGS

DEALINGS = 10


def main(folder: Path) -> None:
    """Train every model on every dealing."""
    project = find_project(str(Path(__file__).parents[1] / "projects" / "faces"), SETTINGS.load())
    records = project.read(folder) if project.read else {}
    pictures, people = project.inputs.encode(records), project.outputs.encode(records["person"])
    for name, model in project.models.items():
        scores, seconds = [], []
        for seed in range(DEALINGS):
            draw = np.random.default_rng(seed)
            test = np.concatenate([draw.choice(np.flatnonzero(people == who), 2, replace=False) for who in range(40)])
            rest = np.setdiff1d(np.arange(len(people)), test)
            train, left_out = (Part(pictures[rows], people[rows], rows.astype(str)) for rows in (rest, test))
            with TemporaryDirectory() as scratch:
                none = Part(pictures[:0], people[:0], rest[:0].astype(str))
                log = lambda step, metrics: None  # noqa: E731
                begun = perf_counter()
                job = Job(model.config(), project.inputs, project.outputs, train, none, seed, log, Path(scratch))
                fitted = model.fit(job)
                seconds.append(perf_counter() - begun)
            scores.append((fitted.predict(left_out.examples).argmax(axis=1) == left_out.targets).mean())
        spread = f"{np.mean(scores):.4f} (sd {np.std(scores):.3f}, lowest {np.min(scores):.4f})"
        print(f"{name:12s} {spread}  {np.median(seconds):.1f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
