"""Seconds and memory of the catalogue's models on a table of a million rows and 30 columns.

    python benchmarks/million.py number 1000000       # or: 2 1000000, 1000 20000 for classes

22 numbers, one with absent values, and 8 categories of 3 to 20,000 words, most of them rare. The answer is known from
two numbers, a third's sine and a category of 1,000 words. A line tells the training's seconds, R² or accuracy on held
out rows, the graph's size, whether it answers alike, and the most memory that the process has had so far.
"""

import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from omloop import models
from omloop.bundle import Session
from omloop.core import Job, Part
from omloop.kinds import Classes, Column, Number, Table
from omloop.package import EXPORTERS, check_parity

WORDS = (3, 5, 12, 40, 200, 1000, 5000, 20000)
NUMBERS = 22
SHOWN = 20_000


def job_of(answers: str, count: int, folder: Path) -> tuple[Job, Part]:
    random = np.random.default_rng(0)
    rows = np.empty((count, NUMBERS + len(WORDS)), np.float32)
    for place in range(NUMBERS):
        rows[:, place] = random.normal(size=count)
    for place, words in enumerate(WORDS, NUMBERS):
        rows[:, place] = np.minimum(random.zipf(1.3, count) - 1, words - 1)
    effects = random.normal(size=1000)[rows[:, NUMBERS + 5].astype(int)]
    values = rows[:, 0] * rows[:, 1] + np.sin(2 * rows[:, 2]) + effects + random.normal(0, 0.5, count)
    rows[random.random(count) < 0.1, 3] = np.nan
    outputs: Any = Number("value")
    if answers != "number":
        classes = int(answers)
        outputs = Classes("value", tuple(f"class {place}" for place in range(classes)))
        cuts = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
        values = np.searchsorted(cuts, values).astype(np.int64)
    columns = [Column(f"number {place}", "number", missing=True) for place in range(NUMBERS)]
    columns += [Column(f"word {n}", "category", categories=tuple(f"word {one}" for one in range(n))) for n in WORDS]
    cuts = [int(0.8 * count), int(0.9 * count)]
    keys = np.arange(count).astype(str)
    parts = zip(*(np.split(one, cuts) for one in (rows, values, keys)), strict=True)
    train, validation, held_out = (Part(*part) for part in parts)
    job = Job(None, Table(tuple(columns)), outputs, train, validation, 0, lambda step, scores: None, folder)
    return job, held_out


def main(answers: str = "number", count: str = "1000000", *names: str) -> None:
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        job, held_out = job_of(answers, int(count), Path(folder))
        for name in names or ("baseline", "linear", "boosting", "forest", "blend", "mlp", "lightgbm"):
            model, begun = getattr(models, name)(), time.monotonic()
            fitted = model.fit(Job(model.config(), *list(vars(job).values())[1:]))
            seconds, truth = time.monotonic() - begun, held_out.targets[:SHOWN]
            found = fitted.predict(held_out.examples[:SHOWN])
            exact = found.ndim == 1
            score = 1 - np.square(found - truth).mean() / truth.var() if exact else (found.argmax(1) == truth).mean()
            graph = EXPORTERS.load(fitted.family)(fitted, job.inputs, job.outputs, job.train.examples[:100])
            session = Session(graph, job.inputs, job.outputs)
            parity = check_parity(fitted, session, held_out.examples[:SHOWN], job.inputs.edges()[:50])
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            told = f"{seconds:.0f} s, score {score:.4f}, {len(graph) / 1e6:.1f} MB, alike {parity.verified}"
            print(f"{name:10} {told}, {most:.0f} MB of memory", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
