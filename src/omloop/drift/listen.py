"""The honest alarm: every bucket of predictions is a chance to ring, and all chances together have one budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.bundle.dispersion import LEAST_BUCKETS, dispersions
from omloop.bundle.joint import Joint
from omloop.core import Alarm, Movement
from omloop.drift.columns import column_effects, column_p_values, joint_effects, joint_p_values
from omloop.drift.effects import psi

LEARNED = 40
"""So many of the first live buckets teach the dispersion where the reference cannot."""

LESSONS = (4, 6, 8, 12, 16, 24, 32, LEARNED)
"""After so many buckets it is learned anew: in between it changes little, and learning takes time."""

UNKNOWN = 10.0
"""The dispersion before it is known: traffic is taken to be as bad as if every row came ten times."""

LONGEST = 64
"""The beginning of a drift is looked for in so many buckets."""


@dataclass(frozen=True)
class Promise:
    """How seldom the alarm may ring without drift, and what it looks at.

    `false_alarms` is the chance of any alarm in `per` predictions without drift, spent in equal parts over looks,
    windows of `scales` buckets, columns, and `streams`: how many slices are listened to beside each other.
    A column must also be `least_effect` from the reference, by its population stability index: that of a normal
    column whose mean moves by 0.14 standard deviations.
    """

    false_alarms: float = 0.01
    per: int = 25_000
    scales: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    least_effect: float = 0.02
    streams: int = 1

    def level(self, reference: Reference) -> float:
        """What the p-value of one column in one window must be below (Bonferroni 1936)."""
        looks = self.per / reference.bucket
        return self.false_alarms / (looks * len(self.scales) * max(1, len(reference.parts)) * self.streams)


def listen(
    reference: Reference,
    buckets: NDArray[np.int64],
    *,
    first: int = 0,
    begin: int = 0,
    promise: Promise | None = None,
) -> tuple[Alarm, ...]:
    """Test the windows that end with each bucket from `first` on; at most one alarm for each, in their order.

    No window reaches back before the bucket `begin`: an earlier drift, that is over, lies there.

    `buckets` are the counts of all predictions of one version so far, shape (buckets, size), as `Reference.buckets`
    gives them or as the sum of what several counted. Nothing is remembered between calls: the same buckets give the
    same alarms, whoever asks, whenever. Where the reference has no order of time, the dispersion is learned from up to
    `LEARNED` buckets before each window, which takes them to be alike; before there are four, it is `UNKNOWN`, and
    only gross changes ring.

    >>> draw = np.random.default_rng(0).normal
    >>> reference = Reference.of({"age": draw(20, 2, 5000)}, {"age": ()})
    >>> live = {"age": np.append(draw(20, 2, 2500), draw(23, 2, 500))}
    >>> [(alarm.bucket, alarm.since, alarm.columns[0].column) for alarm in listen(reference, reference.buckets(live))]
    [(10, 10, 'age'), (11, 10, 'age')]
    """
    promise, spread = promise or Promise(), spreads(reference, buckets)
    rang = rings(reference, buckets, spread, first, promise, begin)
    return tuple(_alarm(reference, buckets, end, scale, spread, promise, begin) for end, scale in sorted(rang.items()))


def rings(
    reference: Reference,
    buckets: NDArray[np.int64],
    spread: NDArray[np.float64],
    first: int,
    promise: Promise,
    begin: int = 0,
) -> dict[int, int]:
    """The buckets that ring, with the buckets of the window that is surest; `spread` is of `spreads`."""
    level = promise.level(reference)
    rang: dict[int, tuple[float, int]] = {}
    for scale in promise.scales:
        ends = np.arange(max(first, begin + scale - 1), len(buckets))
        if not len(ends):
            break
        p_values, effects = tested(reference, buckets, spread, ends, scale)
        surest = np.where(effects >= promise.least_effect, p_values, 1.0).min(axis=1, initial=1.0)
        for end, p_value in zip(ends.tolist(), surest.tolist(), strict=True):
            if p_value < min(level, rang.get(end, (1.0, 0))[0]):
                rang[end] = p_value, scale
    return {end: scale for end, (_, scale) in rang.items()}


def tested(
    reference: Reference,
    buckets: NDArray[np.int64],
    spread: NDArray[np.float64],
    ends: NDArray[np.int64],
    scale: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The p-value and the effect of each part in the window of `scale` buckets that ends with each of `ends`.

    Both have shape (ends, parts).
    """
    return _tested(reference, _windows(buckets, ends, scale), scale, spread[ends + 1 - scale])


def _windows(buckets: NDArray[np.int64], ends: NDArray[np.int64], scale: int) -> NDArray[np.int64]:
    sums = np.concatenate([np.zeros((1, buckets.shape[1]), np.int64), np.cumsum(buckets, axis=0, dtype=np.int64)])
    return np.asarray(sums[ends + 1] - sums[ends + 1 - scale], np.int64)


def _tested(
    reference: Reference, windows: NDArray[np.int64], scale: int, spread: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The p-value and the effect of each part in each window of so many buckets; both of shape (windows, parts)."""
    p_values, effects, rows = np.ones(spread.shape), np.zeros(spread.shape), scale * reference.bucket
    for index, (name, live) in enumerate(reference.split(windows).items()):
        part = reference.parts[name]
        p_values[:, index] = _p_values(part, live, rows, spread[:, index])
        effects[:, index] = _distances(part, live, rows)
    return p_values, effects


def _p_values(part: Cells | Joint, live: NDArray[np.int64], rows: int, spread: NDArray[Any]) -> NDArray[np.float64]:
    if isinstance(part, Joint):
        return joint_p_values(part, live, rows, spread)
    return column_p_values(part, live, rows, spread)


def _distances(part: Cells | Joint, live: NDArray[np.int64], rows: int) -> NDArray[np.float64]:
    if isinstance(part, Cells):
        return psi(np.asarray(part.counts), live)
    return np.asarray((part.deviations(live, np.full(len(live), rows)) ** 2).sum(axis=-1))


def spreads(reference: Reference, buckets: NDArray[np.int64]) -> NDArray[np.float64]:
    """The dispersion of each part for a window that begins with each bucket; shape (buckets + 1, parts)."""
    stated = [part.dispersion for part in reference.parts.values()]
    known = np.array([np.nan if dispersion is None else dispersion for dispersion in stated], np.float64)
    if not np.isnan(known).any():
        return np.tile(known, (len(buckets) + 1, 1))
    counts = reference.split(buckets)
    found = np.full((len(buckets) + 1, len(stated)), UNKNOWN)
    for start in range(LEAST_BUCKETS, len(buckets) + 1):
        found[start] = _learned(reference, counts, start) if start in LESSONS else found[start - 1]
    return np.where(np.isnan(known), found, known)


def _learned(reference: Reference, counts: Mapping[str, NDArray[np.int64]], buckets: int) -> NDArray[np.float64]:
    """The dispersion of each part in the first buckets."""
    scores = [cells.scores for cells in reference.columns.values()]
    of_columns = dispersions([counts[name][:buckets] for name in reference.columns], scores)
    of_joints = [joint.spread(counts[name][:buckets], reference.bucket) for name, joint in reference.joints.items()]
    return np.array([*of_columns, *of_joints])


def _alarm(
    reference: Reference,
    buckets: NDArray[np.int64],
    end: int,
    scale: int,
    spread: NDArray[np.float64],
    promise: Promise,
    begin: int,
) -> Alarm:
    level, rows = promise.level(reference), scale * reference.bucket
    window = _windows(buckets, np.array([end]), scale)
    p_values, distances = _tested(reference, window, scale, spread[[end + 1 - scale]])
    moved = [
        Movement(name, p_value, distance, True, _effects(reference.parts[name], live, rows))
        for (name, live), p_value, distance in zip(
            reference.split(window[0]).items(), p_values[0].tolist(), distances[0].tolist(), strict=True
        )
        if p_value < level and distance >= promise.least_effect
    ]
    moved.sort(key=lambda movement: movement.p_value)
    since = _since(reference, buckets, moved[0].column, end, spread, begin)
    return Alarm(end, scale, since, tuple(moved), level)


def _effects(part: Cells | Joint, live: NDArray[np.int64], rows: int) -> dict[str, float]:
    return joint_effects(part, live, rows) if isinstance(part, Joint) else column_effects(part, live)


def _since(
    reference: Reference,
    buckets: NDArray[np.int64],
    name: str,
    end: int,
    spread: NDArray[np.float64],
    begin: int,
) -> int:
    """The start of the window of up to `LONGEST` buckets that is surest of a part (Hinkley 1971, Biometrika 58)."""
    ages = np.arange(1, min(end + 1 - begin, LONGEST) + 1)
    index, part = [*reference.parts].index(name), reference.parts[name]
    windows = reference.split(buckets[end + 1 - len(ages) : end + 1][::-1])[name].cumsum(axis=0)
    dispersion = spread[end + 1 - ages, index]
    if isinstance(part, Joint):
        p_values = joint_p_values(part, windows, ages * reference.bucket, dispersion)
    else:
        p_values = column_p_values(part, windows, reference.bucket, dispersion)
    return end - int(np.argmin(p_values))
