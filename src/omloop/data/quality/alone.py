"""Scores that find leaks: what one column alone says of the target, and what the target alone says of a column.

The model of one column looks up the training examples whose values are nearest, by rank, and takes their mean. Ranks
make the score blind to units, bends and heavy tails: a column that is 1.19 times the target, or its logarithm, is 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = (0, 4)
"""How many training examples an answer is made of at least; 0: those of the same value alone."""
SHARE = 1 / 32
"""The widest neighbourhood, as a share of the training examples."""
PRIOR = 0.1
"""Examples that the average of all training examples counts as, beside the neighbours."""
MOST_CLASSES = 32
"""Rarer classes are taken together, so that a score stays cheap."""
LEAST = 20
"""Held-out examples below which nothing is scored."""


@dataclass(frozen=True)
class Side:
    """One column of the training and of the held-out examples, shapes (n,) and (m,); `words` says that it has no order.

    An absent value is NaN, and counts as a value of its own.
    """

    train: NDArray[np.float64]
    held_out: NDArray[np.float64]
    words: bool


@dataclass(frozen=True)
class Score:
    """How much of the target one column explains on held-out examples: 1 all, 0 or less nothing.

    For a number it is r2 of the target's ranks. For classes it is the share of the log loss that it saves, against
    answering with the training part's shares. Imbalance does not flatter that. `error` is its standard error.
    """

    value: float
    error: float


def score_alone(column: Side, target: Side) -> Score:
    """The score of the best of some neighbourhoods.

    >>> draw = np.random.default_rng(0).lognormal(sigma=3, size=1000)
    >>> price, taxed = (Side(values[:800], values[800:], words=False) for values in (draw, 1.19 * draw))
    >>> round(score_alone(taxed, price).value, 2)
    1.0
    """
    truth, held_out = _classes(target) if target.words else _ranks(target)
    widths = {0} if column.words else {*NEIGHBOURS, int(len(column.train) * SHARE)}
    found = (_score(answers, held_out, truth) for answers in _answers(column, truth, sorted(widths)))
    return max(found, key=lambda score: score.value)


def scores_alone(columns: Mapping[str, Side], target: Side) -> dict[str, Score]:
    """The score of every column that has more than one value; none where there are too few held-out examples."""
    if len(target.held_out) < LEAST or _same(target.train) or _same(target.held_out):
        return {}
    return {name: score_alone(column, target) for name, column in columns.items() if not _same(column.train)}


def _answers(column: Side, truth: NDArray[np.float64], widths: Iterable[int]) -> Iterator[NDArray[np.float64]]:
    """The mean of `truth`, shape (n, k), over each held-out example's neighbours in training; shape (m, k) a width."""
    order = np.argsort(column.train)  # NaN comes last, as one value
    known, sums = column.train[order], np.vstack([np.zeros(truth.shape[1]), np.cumsum(truth[order], axis=0)])
    first, last = (np.searchsorted(known, column.held_out, side) for side in ("left", "right"))
    for width in widths:
        lacking = np.maximum(width - (last - first), 0)
        low, high = np.maximum(first - lacking // 2, 0), np.minimum(last + lacking // 2, len(known))
        found = sums[high] - sums[low] + PRIOR * truth.mean(axis=0)
        yield np.asarray(found / (high - low + PRIOR)[:, None])


def _score(answers: NDArray[np.float64], held_out: NDArray[np.float64], truth: NDArray[np.float64]) -> Score:
    usual = np.broadcast_to(truth.mean(axis=0), held_out.shape)
    loss, most = _loss(answers, held_out), _loss(usual, held_out).mean()
    return Score(float(1 - loss.mean() / most), float(loss.std() / np.sqrt(len(loss)) / most))


def _loss(answers: NDArray[np.float64], held_out: NDArray[np.float64]) -> NDArray[np.float64]:
    if held_out.shape[1] == 1:
        return np.asarray((answers - held_out)[:, 0] ** 2)
    return np.asarray(-np.log(np.maximum((answers * held_out).sum(axis=1), 1e-12)))


def _ranks(target: Side) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The target as its share of training examples below it (half of those equal to it), from 0 to 1."""
    known = np.sort(target.train)

    def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
        below, up_to = (np.searchsorted(known, values, side) for side in ("left", "right"))
        return np.asarray((below + up_to) / (2 * len(known)))[:, None]

    return ranks(target.train), ranks(target.held_out)


def _classes(target: Side) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The target as 0 or 1 for each class, the most frequent first; the rare ones are one class."""
    words, places = np.unique(np.concatenate([target.train, target.held_out]), return_inverse=True)
    counts = np.bincount(places[: len(target.train)], minlength=len(words))
    class_of = np.empty(len(words), np.int64)
    class_of[np.argsort(-counts, kind="stable")] = np.minimum(np.arange(len(words)), MOST_CLASSES - 1)
    each: NDArray[np.float64] = np.eye(min(len(words), MOST_CLASSES))[class_of[places]]
    return each[: len(target.train)], each[len(target.train) :]


def _same(values: NDArray[np.float64]) -> bool:
    return not len(values) or bool(((values == values[0]) | (np.isnan(values) & np.isnan(values[0]))).all())
