"""From a table's rows to what an estimator takes: lookups and elementwise float32 arithmetic, which ONNX does alike.

The encoder is a step of a scikit-learn pipeline; `omloop.package.sklearn.encoder` writes the same steps as a graph.
Every number that it gives is float32 already, so that trees learn the very thresholds that the graph compares with.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from omloop.core import NumberArray
from omloop.kinds import Table
from omloop.train.catalogue.encoder_plan import MOST_CODES, EncoderPlan
from omloop.train.catalogue.words import Words

LIMIT = float(np.finfo(np.float32).max)
_AT_ONCE = 1 << 16


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns rows, float32 of shape (n, places), into float32 of shape (n, width).

    Numbers come first, then absences, bends and words. `categories` are the places of the categories, `sizes` how many
    words each has.
    """

    def __init__(self, categories: list[int], sizes: list[int], plan: EncoderPlan, seed: int = 0) -> None:
        self.categories = categories
        self.sizes = sizes
        self.plan = plan
        self.seed = seed

    @classmethod
    def of(cls, table: Table, plan: EncoderPlan, seed: int) -> Self:
        """The encoder of a table's rows, which has learned nothing yet."""
        places = table.indices("category")
        return cls(places, [len(table.columns[place].words) for place in places], plan, seed)

    def widest(self, places: int) -> int:
        """How many columns it makes at most of rows with that many places."""
        words = sum(min(size + 1, self.plan.one_hot + 1) + MOST_CODES + 2 for size in self.sizes)
        return max(1, (places - len(self.sizes)) * (2 + self.plan.knots) + words)

    def fit(self, rows: NDArray[np.float32], targets: NDArray[np.float64], weights: Any = None) -> Self:
        """Learn from training rows; `targets`, of shape (n, d), give words their codes."""
        others = np.setdiff1d(np.arange(rows.shape[1]), self.categories)
        varying = others[np.array([_varies(rows[:, place]) for place in others], bool)]
        # Something must be learned from, even if it says nothing.
        self._learn_numbers(rows, varying if len(varying) or self.categories else others[:1])
        self.places_ = np.asarray(self.categories, np.int64)
        weights = np.ones(len(rows)) if weights is None else np.asarray(weights, np.float64)
        self.words_ = [
            Words.learned(self._codes(rows, place, size), size, targets, weights, self.plan, self.seed)
            for place, size in zip(self.categories, self.sizes, strict=True)
        ]
        self.tables_ = [words.table for words in self.words_]
        return self

    def fit_transform(
        self, rows: NDArray[np.float32], targets: NDArray[np.float64], weights: Any = None, dtype: Any = np.float32
    ) -> Any:
        """Learn, and encode the training rows: a word by the targets of the other rows with it, never by its own.

        `dtype` is that of the result: an estimator that would copy float32 into float64 gets the latter at once.
        """
        self.fit(rows, targets, weights)
        codes = [self._codes(rows, place, size) for place, size in zip(self.categories, self.sizes, strict=True)]
        return self._joined(rows, [words.unseen(code) for words, code in zip(self.words_, codes, strict=True)], dtype)

    def transform(self, rows: NumberArray) -> NDArray[np.float32]:
        """Encode rows."""
        matrix: NDArray[np.float32] = np.asarray(rows, np.float32)
        codes = [self._codes(matrix, place, size) for place, size in zip(self.categories, self.sizes, strict=True)]
        return self._joined(matrix, [table[code] for table, code in zip(self.tables_, codes, strict=True)], np.float32)

    def _joined(self, rows: NDArray[np.float32], words: list[NDArray[np.float32]], dtype: Any) -> NDArray[Any]:
        width = len(self.numbers_) + len(self.absent_) + len(self.bent_) + sum(word.shape[1] for word in words)
        joined = np.empty((len(rows), width), dtype)
        for begin in range(0, len(rows), _AT_ONCE):  # whose parts take as much again
            some = slice(begin, begin + _AT_ONCE)
            np.concatenate([*self._numbers(rows[some]), *(word[some] for word in words)], axis=1, out=joined[some])
        return joined

    def _numbers(self, rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The numbers themselves, which are absent, and the bends; each of shape (n, some)."""
        numbers = rows[:, self.numbers_]
        if self.plan.scaled or self.plan.filled:
            numbers = np.where(np.isnan(numbers), self.fill_, numbers)
            numbers = (np.maximum(np.minimum(numbers, self.high_), self.low_) - self.centre_) / self.scale_
        absent = np.isnan(rows[:, self.absent_]).astype(np.float32)
        return [numbers, absent, np.maximum(numbers[:, self.bent_] - self.knots_, np.float32(0))]

    def _codes(self, rows: NDArray[np.float32], place: int, size: int) -> NDArray[np.int64]:
        """Which word, an absent one behind all others."""
        codes = rows[:, place]
        return np.clip(np.where(np.isnan(codes), size, codes), 0, size).astype(np.int64)

    def _learn_numbers(self, rows: NDArray[np.float32], places: NDArray[np.int64]) -> None:
        plan = self.plan
        self.numbers_ = places
        filled = plan.scaled or plan.filled
        self.absent_ = np.array([p for p in places if filled and np.isnan(rows[:, p]).any()], np.int64)
        self.fill_ = np.zeros(len(places), np.float32)
        self.low_, self.high_ = np.full(len(places), -LIMIT, np.float32), np.full(len(places), LIMIT, np.float32)
        self.centre_, self.scale_ = np.zeros(len(places), np.float32), np.ones(len(places), np.float32)
        bends: list[tuple[int, float]] = []
        for index, place in enumerate(places):
            column = _present(rows[:, place])
            self.fill_[index] = np.median(column)
            if plan.scaled:
                self.low_[index], self.high_[index] = _limits(column)
                cut = np.clip(column, self.low_[index], self.high_[index])
                self.centre_[index], self.scale_[index] = cut.mean(), _spread(cut)
            bends += [(index, knot) for knot in self._knots(index, column)]
        self.bent_ = np.array([index for index, _ in bends], np.int64)
        self.knots_ = np.array([knot for _, knot in bends], np.float32)

    def _knots(self, index: int, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles between the ends, scaled like the column; none if there are few distinct values."""
        shares = np.linspace(0, 1, self.plan.knots + 2)[1:-1]
        knots = np.unique(np.quantile(column, shares)) if len(shares) else np.empty(0)
        inside = knots[(knots > column.min()) & (knots < column.max())]
        return np.asarray((inside - self.centre_[index]) / self.scale_[index])


def _present(column: NDArray[np.float32]) -> NDArray[np.float64]:
    there = column[np.isfinite(column)].astype(np.float64)
    return there if len(there) else np.zeros(1)


def _varies(column: NDArray[np.float32]) -> bool:
    """Whether a column says anything: it has two values, or one that is absent at times."""
    there = column[np.isfinite(column)]
    return len(there) > 0 and (len(there) < len(column) or bool((there != there[0]).any()))


def _limits(column: NDArray[np.float64]) -> tuple[float, float]:
    """Where to clip a number: far beyond the middle half of the values (the outer fences of Tukey 1977)."""
    first, last = np.quantile(column, [0.005, 0.995])
    low, high = np.quantile(column, [0.25, 0.75])
    reach = 3 * (high - low)
    return max(column.min(), min(first, low - reach)), min(column.max(), max(last, high + reach))


def _spread(column: NDArray[np.float64]) -> float:
    """The standard deviation, 1 where it is but rounding."""
    spread, mean = float(column.std()), float(column.mean())
    return spread if spread > 1e-6 * max(1e-12, abs(mean)) else 1.0
