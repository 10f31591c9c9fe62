"""Small jobs with a known truth: learn a number or a class from a table of three columns, or a class from a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Job, NumberArray, Output, Part
from omloop.kinds import Classes, Column, Number, Table, Text

TABLE = Table(
    (
        Column("size", "number", low=-3, high=3),
        Column("count", "integer", low=0, high=9),
        Column("colour", "category", categories=("red", "green", "blue")),
    )
)
VALUE = Number("value", unit="points")
MOOD = Classes("mood", ("sad", "calm", "happy"))
REVIEW = Text("review", buckets=2**12)


@dataclass
class StepLog:
    """A log that remembers."""

    steps: list[tuple[int, dict[str, float]]] = field(default_factory=list)

    def __call__(self, step: int, metrics: Mapping[str, float]) -> None:
        """Remember one step."""
        self.steps.append((step, dict(metrics)))


def number_job(folder: Path, log: Callable[[int, Mapping[str, float]], None] | None = None, seed: int = 0) -> Job:
    """Learn 50 + 2 size + count + 5 if green, without noise, from 200 rows; 60 more are for validation."""
    return _job(folder, VALUE, truth, log or StepLog(), seed)


def classes_job(
    folder: Path,
    log: Callable[[int, Mapping[str, float]], None] | None = None,
    seed: int = 0,
    classes: Classes = MOOD,
) -> Job:
    """Learn which third of the range that truth lies in: class 0, 1 or 2. More `classes` never occur."""
    return _job(
        folder, classes, lambda rows: np.digitize(truth(rows), [53, 58]).astype(np.int64), log or StepLog(), seed
    )


def rows_of(count: int, seed: int) -> NDArray[np.float32]:
    """Rows of the table, uniform over what its columns accept; shape (count, 3)."""
    random = np.random.default_rng(seed)
    size, number, colour = random.uniform(-3, 3, count), random.integers(0, 10, count), random.integers(0, 3, count)
    return np.stack([size, number, colour], axis=1).astype(np.float32)


def truth(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """The truth to learn for each row, shape (n,)."""
    rows = rows.astype(np.float64)
    return np.asarray(50 + 2 * rows[:, 0] + rows[:, 1] + 5 * (rows[:, 2] == 1))


def _job(
    folder: Path,
    outputs: Output,
    targets: Callable[[Any], NumberArray],
    log: Callable[[int, Mapping[str, float]], None],
    seed: int,
) -> Job:
    def part(count: int, rows_seed: int) -> Part:
        rows = rows_of(count, rows_seed)
        return Part(rows, targets(rows), np.arange(count).astype(str))

    return Job(
        config=None,
        inputs=TABLE,
        outputs=outputs,
        train=part(200, 1),
        validation=part(60, 2),
        seed=seed,
        log=log,
        folder=folder,
    )


def review_job(folder: Path, seed: int = 0, classes: Classes = MOOD, rows: int = 300) -> Job:
    """Learn whether a text is sad, calm or happy from one telling word among others; 100 texts are for validation."""

    def part(count: int, rows_seed: int) -> Part:
        texts, targets = reviews_of(count, rows_seed, min(3, len(classes.classes)))
        return Part(texts, targets, np.arange(count).astype(str))

    return Job(
        config=None,
        inputs=REVIEW,
        outputs=classes,
        train=part(rows, 1),
        validation=part(100, 2),
        seed=seed,
        log=StepLog(),
        folder=folder,
    )


def reviews_of(count: int, seed: int, classes: int = 3) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Texts of up to twelve words and which of the telling words each holds; both of shape (count,)."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, count)
    words = [[*random.choice(["the", "film", "is", "a", "was"], random.integers(1, 12))] for _ in range(count)]
    texts = [
        " ".join([*some, ("gloomy", "quiet", "joyful")[target]]) for some, target in zip(words, targets, strict=True)
    ]
    return REVIEW.encode({"review": texts}), targets
