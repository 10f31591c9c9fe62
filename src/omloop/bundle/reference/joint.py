"""Joint tests of numbers: they see what no column shows by itself, such as sharp pictures of little contrast.

Every number becomes a normal score by the quantiles of its own reference cells, so no scale and no outlier dominates.
The scores are summed over rows, and so are their random Fourier features (Rahimi and Recht 2007, "Random features for
large-scale kernel machines"). Products of correlated scores are summed too: among many columns, a few random features
hardly see two columns lose their correlation. Comparing sums of features compares kernel means (Gretton et al. 2012, J.
Mach. Learn. Res. 13, 723; Zhao and Meng 2015, "FastMMD"). Hotelling's T² is the test: see `omloop.drift.hotelling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from omloop.bundle.reference.dispersion import dispersion_of_means
from omloop.bundle.reference.memory import memory_of_means
from omloop.core import NumberArray

Scale = tuple[tuple[float, ...], tuple[float, ...]]
"""Values, and the normal score of each: between two of them the score goes straight."""

Pairs = tuple[tuple[int, int], ...]
Matrix = tuple[tuple[float, ...], ...]

FEATURES = 8
"""Random features: each sees other kinds of joint movement, and T² spreads over all of them."""
MOST_PAIRS = 20
LEAST_CORRELATION = 0.3
"""Pairs of columns with at least this correlation enter with their product, up to `MOST_PAIRS`.

For 400 rows it is six standard errors: noise of the reference selects no pair.
"""
UNIT = 1024
"""Features count in whole 1/1024: sums of integers are exact, in any order."""
_SEED = 0  # the same features each time: the same data must give the same bundle
_LEAST_ROWS = 400  # of the reference, to know a correlation
_LEAST_BUCKET = 200  # with fewer rows, means of products are far from normal
_LEAST = 0.02  # of the mean variance: directions of less hold noise of rounding and of too few rows
_FARTHEST = 2.5  # standard deviations: beyond it lies 1 in 80 of normal rows, so little is lost of what is usual
_AT_ONCE = 1 << 14  # rows whose features are worked out at a time, which bounds memory


@dataclass(frozen=True)
class Joint:
    """Some columns of numbers together. `scales` are each column's knots, from its cells: values and normal scores.

    `weights` of shape (features, columns) and `phases` make the random features. Minus their `centre`, and rotated by
    `axes` of shape (features and columns, size), they are independent and of variance 1 in the reference. Each is
    clipped at 2.5, so that a few outliers do not move the mean far. `mean` and `covariance` are of the clipped
    features, in `rows` rows. `kurtosis` is their excess over normal numbers (Mardia's coefficient minus k (k + 2)).
    `pairs` are the indices of column pairs whose product of scores is a feature too. `dispersion`, `memory` and
    `repeats` are as in `Cells`.
    """

    columns: tuple[str, ...]
    scales: tuple[Scale, ...]
    weights: Matrix
    phases: tuple[float, ...]
    centre: tuple[float, ...]
    axes: Matrix
    rows: int
    mean: tuple[float, ...] = ()
    covariance: Matrix = ()
    kurtosis: float = 0.0
    dispersion: float | None = None
    repeats: float = 1.0
    memory: float = 0.0
    pairs: Pairs = ()

    @classmethod
    def of(cls, observed: Mapping[str, NumberArray], scales: Mapping[str, Scale], bucket: int) -> Joint:
        """The columns of `scales` together, in rows of the reference, for buckets of this many rows."""
        chance, columns = np.random.default_rng(_SEED), len(scales)
        weights = chance.normal(0, 1 / np.sqrt(columns), (FEATURES, columns)).round(4)
        phases = chance.uniform(0, 2 * np.pi, FEATURES).round(4)
        pairs = _correlated(_scores(observed, scales)) if bucket >= _LEAST_BUCKET else ()
        raw = _raw(observed, scales, weights, phases, pairs)
        axes, centre = _whitening(np.cov(raw.T)).round(6), raw.mean(axis=0).round(6)
        made = tuple(scales), tuple(scales.values()), _rows(weights), tuple(phases.tolist())
        plain = cls(*made, tuple(centre.tolist()), _rows(axes), len(raw), pairs=pairs)
        features = plain.features(observed) / UNIT
        covariance = np.atleast_2d(np.cov(features.T)).round(6)
        found = replace(plain, mean=tuple(features.mean(axis=0).round(6).tolist()), covariance=_rows(covariance))
        strays = (((features - np.array(found.mean)) @ found.whitening) ** 2).sum(axis=1)
        normal = found.whitening.shape[1] * (found.whitening.shape[1] + 2)
        return replace(found, kurtosis=round(float((strays**2).mean()) - normal, 3))

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.axes[0])

    def features(self, observed: Mapping[str, NumberArray]) -> NDArray[np.int64]:
        """The features of each row, in whole `UNIT`; shape (rows, size). An absent value is in the middle."""
        scales = dict(zip(self.columns, self.scales, strict=True))
        raw = _raw(observed, scales, np.array(self.weights), np.array(self.phases), self.pairs)
        turned = (raw - np.array(self.centre)) @ np.array(self.axes)
        return np.asarray(np.rint(np.clip(turned, -_FARTHEST, _FARTHEST) * UNIT), np.int64)

    def shifts(self, sums: NumberArray, rows: float) -> dict[str, float]:
        """About how far each column's mean normal score has moved, from the sums over one window, shape (size,)."""
        apart = (sums / UNIT / rows - np.array(self.mean)) @ np.linalg.pinv(np.array(self.axes))
        return dict(zip(self.columns, apart.tolist(), strict=False))

    def sum_each(
        self, observed: Mapping[str, NumberArray], bucket: int, counted: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """The sum of the features over every whole `bucket` of rows, in their order; shape (buckets, size).

        Of all rows, or those that are `counted`, of shape (rows,).
        """
        buckets = len(observed[self.columns[0]]) // bucket
        group = np.arange(buckets * bucket) // bucket
        return self.sum_by(observed, group if counted is None else np.where(counted[: len(group)], group, -1), buckets)

    def sum_by(self, observed: Mapping[str, NumberArray], group: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
        """The same over every group of rows, by the number of each; -1 is none of them. Shape (groups, size)."""
        sums = np.zeros((groups, self.size), np.int64)
        for start in range(0, len(group), _AT_ONCE):
            of = group[start : start + _AT_ONCE]
            features = self.features({name: observed[name][start : start + len(of)] for name in self.columns})
            np.add.at(sums, of[of >= 0], features[of >= 0])
        return sums

    @cached_property
    def whitening(self) -> NDArray[np.float64]:
        """What makes the features independent and of variance 1 once more; shape (size, directions)."""
        return _whitening(np.array(self.covariance))

    def ordered(self, sums: NumberArray, rows: NumberArray) -> Joint:
        """The same, with the variation between buckets of this many rows in the order of time; see `spread`."""
        means = self.deviations(sums, rows) * np.sqrt(rows)[:, None]
        return replace(self, dispersion=dispersion_of_means(means), memory=memory_of_means(means))

    def spread(self, sums: NumberArray, rows: NumberArray) -> float:
        """The dispersion of buckets of this many rows, at least 1; sums of shape (buckets, size)."""
        return dispersion_of_means(self.deviations(sums, rows) * np.sqrt(rows)[:, None])

    def deviations(self, sums: NumberArray, rows: NumberArray | float) -> NDArray[np.float64]:
        """How far the mean features are from the reference's, white; sums of shape (..., size) to (..., directions)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.nan_to_num(sums / UNIT / np.asarray(rows, np.float64)[..., None])
        return np.asarray((mean - np.array(self.mean)) @ self.whitening)


def _raw(
    observed: Mapping[str, NumberArray],
    scales: Mapping[str, Scale],
    weights: NumberArray,
    phases: NumberArray,
    pairs: Pairs,
) -> NDArray[np.float64]:
    """Normal scores, their random features and products; shape (rows, columns, features and pairs)."""
    known = _scores(observed, scales)
    one, other = np.array(pairs, np.intp).reshape(-1, 2).T
    return np.hstack([known, np.sqrt(2) * np.cos(known @ weights.T + phases), known[:, one] * known[:, other]])


def _scores(observed: Mapping[str, NumberArray], scales: Mapping[str, Scale]) -> NDArray[np.float64]:
    scores = [np.interp(np.asarray(observed[name], np.float64), *scale) for name, scale in scales.items()]
    return np.nan_to_num(np.stack(scores, axis=1))


def _correlated(scores: NDArray[np.float64]) -> Pairs:
    """Pairs of correlated columns, neighbours first: the selection does not depend on how strong a correlation is."""
    if len(scores) < _LEAST_ROWS:
        return ()
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.abs(np.corrcoef(scores.T)) >= LEAST_CORRELATION
    pairs = np.argwhere(np.triu(found, 1)).tolist()
    return tuple(
        (one, other) for one, other in sorted(pairs, key=lambda pair: (pair[1] - pair[0], pair[0]))[:MOST_PAIRS]
    )


def _whitening(covariance: NumberArray) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    told = values > _LEAST * values.mean()
    return np.asarray(vectors[:, told] / np.sqrt(values[told]))


def _rows(matrix: NumberArray) -> Matrix:
    return tuple(map(tuple, matrix.tolist()))
