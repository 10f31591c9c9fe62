"""Numbers looked at together: what no column shows by itself, such as sharp pictures of little contrast.

Every number becomes a normal score by the quantiles of its own reference cells, so no scale and no outlier rules; the
row of scores and random Fourier features of it (Rahimi and Recht 2007, "Random features for large-scale kernel
machines") are added up over rows. A sum of features is a comparison of kernel means (Gretton et al. 2012, J. Mach.
Learn. Res. 13, 723; Zhao and Meng 2015, "FastMMD"), and Hotelling's T² its test: see `omloop.drift.hotelling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scale = tuple[tuple[float, ...], tuple[float, ...]]
"""Values, and the normal score of each: between two of them the score goes straight."""

FEATURES = 8
UNIT = 1024
"""Features are counted in whole 1/1024: sums of integers are exact, in any order."""
_SEED = 0
_LEAST = 0.02  # of the mean variance: directions of less hold noise of rounding and of too few rows
_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class Joint:
    """Some columns of numbers together. `scales` are each column's knots, from its cells: values and normal scores.

    `weights` of shape (features, columns) and `phases` make the random features, `mean` and `covariance` are those of
    all features in `rows` rows of the reference, and `kurtosis` is how much more than normal numbers they stray together
    (Mardia's coefficient less k (k + 2)). `dispersion` is as of `Cells`.
    """

    columns: tuple[str, ...]
    scales: tuple[Scale, ...]
    weights: tuple[tuple[float, ...], ...]
    phases: tuple[float, ...]
    rows: int = 0
    mean: tuple[float, ...] = ()
    covariance: tuple[tuple[float, ...], ...] = ()
    kurtosis: float = 0.0
    dispersion: float | None = None

    @classmethod
    def of(cls, observed: Mapping[str, NDArray[Any]], scales: Mapping[str, Scale]) -> "Joint":
        """The columns of `scales` together, in rows of the reference."""
        chance, columns = np.random.default_rng(_SEED), len(scales)
        weights = chance.normal(0, 1 / np.sqrt(columns), (FEATURES, columns)).round(4)
        phases = chance.uniform(0, 2 * np.pi, FEATURES).round(4)
        plain = cls(tuple(scales), tuple(scales.values()), tuple(map(tuple, weights.tolist())), tuple(phases.tolist()))
        features = plain.features(observed) / UNIT
        covariance = np.atleast_2d(np.cov(features.T)).round(6).tolist()
        mean = tuple(features.mean(axis=0).round(6).tolist())
        found = replace(plain, rows=len(features), mean=mean, covariance=tuple(map(tuple, covariance)))
        white = (features - np.array(mean)) @ found.whitening
        directions = white.shape[1]
        excess = float(((white**2).sum(axis=1) ** 2).mean()) - directions * (directions + 2)
        return replace(found, kurtosis=round(excess, 3))

    @property
    def size(self) -> int:
        """How many features there are."""
        return len(self.columns) + len(self.phases)

    def features(self, observed: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
        """The features of each row, in whole `UNIT`; shape (rows, size). An absent value is in the middle."""
        scores = np.stack(
            [
                np.nan_to_num(np.interp(np.asarray(observed[name], np.float64), *scale))
                for name, scale in zip(self.columns, self.scales, strict=True)
            ],
            axis=1,
        )
        waves = np.sqrt(2) * np.cos(scores @ np.array(self.weights).T + np.array(self.phases))
        return np.asarray(np.rint(np.hstack([scores, waves]) * UNIT), np.int64)

    def sum_each(self, observed: Mapping[str, NDArray[Any]], bucket: int) -> NDArray[np.int64]:
        """The sum of the features over every whole `bucket` of rows, in their order; shape (buckets, size)."""
        buckets = len(observed[self.columns[0]]) // bucket
        sums = np.zeros((buckets, self.size), np.int64)
        for start in range(0, buckets * bucket, _AT_ONCE):
            stop = min(start + _AT_ONCE, buckets * bucket)
            features = self.features({name: observed[name][start:stop] for name in self.columns})
            touched, first = np.unique(np.arange(start, stop) // bucket, return_index=True)
            sums[touched] += np.add.reduceat(features, first)
        return sums

    @cached_property
    def whitening(self) -> NDArray[np.float64]:
        """What makes the features' deviations independent, of variance 1; shape (size, directions)."""
        values, vectors = np.linalg.eigh(np.array(self.covariance))
        told = values > _LEAST * values.mean()
        return np.asarray(vectors[:, told] / np.sqrt(values[told]))

    def ordered(self, sums: NDArray[np.int64], bucket: int) -> "Joint":
        """The same with the dispersion that buckets in the order of time have; sums of shape (buckets, size)."""
        return replace(self, dispersion=self.spread(sums, bucket))

    def spread(self, sums: NDArray[np.int64], bucket: int) -> float:
        """The dispersion of buckets, at least 1: their T² about their own mean, by what independent rows have."""
        freedom = len(sums) - 1
        if freedom < 3:
            return 1.0
        apart = self.deviations(sums, np.full(len(sums), bucket))
        apart = apart - apart.mean(axis=0)
        many = freedom * apart.shape[1]
        return float(max(1.0, (apart**2).sum() * bucket / many * np.exp(14 / many)))

    def deviations(self, sums: NDArray[np.int64], rows: NDArray[Any] | float) -> NDArray[np.float64]:
        """How far the mean features are from the reference's, white; sums of shape (..., size) to (..., directions)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.nan_to_num(sums / UNIT / np.asarray(rows, np.float64)[..., None])
        return np.asarray((mean - np.array(self.mean)) @ self.whitening)
