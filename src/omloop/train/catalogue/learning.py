"""What the models of tables learn from: rows, weights, and the targets that encode words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Job, NumberArray, Part, TrainError
from omloop.kinds import Classes, Table
from omloop.train.catalogue.encoder_plan import MOST_CODES
from omloop.train.weights import weights_of

if TYPE_CHECKING:
    from omloop.train.catalogue.encoder import TableEncoder

MOST_HELD_OUT = 50_000
"""Validation rows that stop a training, or choose a penalty."""
SUMS = 8
"""Random sums of classes to average for a word, if there are more than `MOST_CODES` classes."""


@dataclass(frozen=True)
class Lesson:
    """Encoded rows, of shape (n, width), with targets and weights of shape (n,); no weights: all alike."""

    rows: NDArray[np.floating]
    targets: NumberArray
    weights: NDArray[np.float64] | None = None

    def of(self, chosen: NDArray[Any]) -> Lesson:
        """Some of it, by positions or a mask."""
        if chosen.dtype == bool and chosen.all():
            return self
        return Lesson(self.rows[chosen], self.targets[chosen], None if self.weights is None else self.weights[chosen])


def encoded(
    job: Job, encoder: TableEncoder, balance: float = 0.0, most: int = 0, dtype: type[np.floating] = np.float32
) -> Lesson:
    """The training part for an estimator, after the encoder learned from it; with `most`, at most that many rows."""
    table, part = table_of(job), job.train
    if not len(part):
        raise TrainError("There are no rows to learn from. Give more records.")
    chosen = some_rows(job, most) if most else np.arange(len(part))
    weights = weights_of(job, part, balance)
    weights = None if weights is None else weights[chosen]
    rows, codes = table.matrix(part.examples), target_codes(job)
    if len(chosen) < len(part):
        rows, codes = rows[chosen], codes[chosen]
    return Lesson(encoder.fit_transform(rows, codes, weights, dtype), part.targets[chosen], weights)


def held_out(job: Job, encoder: TableEncoder, balance: float = 0.0, most: int = MOST_HELD_OUT) -> Lesson:
    """The validation part, encoded, or `most` rows from all of it; of classes those that training knows."""
    part = some_of(job.validation, spread(len(job.validation), most))
    known = np.isin(part.targets, job.train.targets) if isinstance(job.outputs, Classes) else np.ones(len(part), bool)
    weights = weights_of(job, part, balance)
    return Lesson(encoder.transform(table_of(job).matrix(part.examples)), part.targets, weights).of(known)


def columns_of(job: Job) -> int:
    """How many numbers a model answers a row: one for a number and for two classes."""
    count = len(job.outputs.classes) if isinstance(job.outputs, Classes) else 1
    return count if count > 2 else 1


def table_of(job: Job) -> Table:
    """The job's table; raises TrainError for another kind of input."""
    if not isinstance(job.inputs, Table):
        kind = type(job.inputs).__name__
        raise TrainError(
            f"The model '{getattr(job.config, 'name', 'of tables')}' reads tables, and this project's input is of the "
            f"kind {kind}. Choose one of omloop.models.for_pictures() or for_texts()."
        )
    return job.inputs


def target_codes(job: Job) -> NDArray[np.float64]:
    """Targets as numbers with a deviation of about 1, shape (n, d): a word's code is a mean of them.

    Two classes are one number. More than `MOST_CODES` become `SUMS` random sums.
    """
    targets: NumberArray = job.train.targets
    if not isinstance(job.outputs, Classes):
        return np.asarray((targets - targets.mean()) / (targets.std() or 1.0)).reshape(-1, 1)
    count = len(job.outputs.classes)
    if count == 2:
        codes = np.array([[0.0], [1.0]])
    elif count <= MOST_CODES:
        codes = np.eye(count)
    else:
        codes = np.random.default_rng(job.seed).normal(size=(count, SUMS))
    chosen = codes[targets]
    spread = chosen.std(axis=0)
    return np.asarray((chosen - chosen.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def some_of(part: Part, chosen: NDArray[np.int64]) -> Part:
    """The examples, targets and weights of a part at some positions, for training alone."""
    if len(chosen) == len(part):
        return part
    weights = np.asarray(part.weights)[chosen] if len(part.weights) else ()
    return Part(part.examples[chosen], part.targets[chosen], part.keys[chosen], weights=weights)


def some_rows(job: Job, most: int) -> NDArray[np.int64]:
    """Up to `most` training rows, drawn at random; at least two of each class, if there are as many."""
    count = len(job.train)
    if count <= most:
        return np.arange(count)
    order = np.random.default_rng(job.seed).permutation(count)
    if isinstance(job.outputs, Classes):
        ranks = _rank_within(job.train.targets[order])
        order = np.concatenate([order[ranks < 2], order[ranks >= 2]])
    return np.sort(order[:most])


def _rank_within(classes: NDArray[Any]) -> NDArray[np.int64]:
    """How many of its class come before each; shape (n,)."""
    by_class = np.argsort(classes, kind="stable")
    sorted_classes = classes[by_class]
    begins = np.searchsorted(sorted_classes, sorted_classes)
    ranks = np.empty(len(classes), np.int64)
    ranks[by_class] = np.arange(len(classes)) - begins
    return ranks


def folds_of(job: Job, count: int) -> NDArray[np.int64]:
    """A fold for each training row, from 0 on, each class in its share; -1 for a class that is there once."""
    order = np.random.default_rng(job.seed).permutation(len(job.train))
    folds = np.empty(len(order), np.int64)
    if not isinstance(job.outputs, Classes):
        folds[order] = np.arange(len(order)) % count
        return folds
    targets = job.train.targets[order]
    by_class = np.argsort(targets, kind="stable")
    folds[order[by_class]] = np.arange(len(order)) % count
    alone = np.bincount(job.train.targets)[job.train.targets] < 2
    folds[alone] = -1
    return folds


def spread(count: int, most: int) -> NDArray[np.int64]:
    """Up to `most` positions, evenly from all."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)
