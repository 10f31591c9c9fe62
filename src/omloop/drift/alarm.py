"""The honest alarm: every bucket of predictions is a chance to ring, and all chances together have one budget."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.bundle.reference.joint import Joint
from omloop.core import Alarm, Movement, NumberArray
from omloop.drift.columns import by_rate, column_effects, column_p_values, joint_effects, joint_p_values
from omloop.drift.effects import psi
from omloop.drift.false_alarms import AlarmBudget
from omloop.drift.gross import CLUSTERED, bets, gross_p_values
from omloop.drift.spread import UNKNOWN, Spread, spread_of

LONGEST = 64
"""How many buckets to search for the beginning of a drift: as far back as the widest window reaches."""


def find_alarms(
    reference: Reference,
    buckets: NumberArray,
    *,
    first: int = 0,
    begin: int = 0,
    promise: AlarmBudget | None = None,
) -> tuple[Alarm, ...]:
    """Test the windows that end with each bucket from `first` on; at most one alarm for each, in their order.

    No window reaches back before the bucket `begin`: an earlier drift, now over, lies there.

    `buckets` are the counts of all predictions of one version so far, shape (buckets, size), as `Reference.buckets`
    gives them or as the sum of several such counts. It remembers nothing between calls: the same buckets give the same
    alarms, whoever asks, whenever. If the reference has no order of time, the first `LEARNED` buckets teach how much
    this traffic varies. Until then only special cells ring (`gross_p_values`); `warn` has the rest.

    >>> draw = np.random.default_rng(0).normal
    >>> reference = Reference.of({"age": draw(20, 2, 5000)}, {"age": ()}, series={"age": draw(20, 2, 10_000)})
    >>> live = {"age": np.append(draw(20, 2, 2500), draw(23, 2, 500))}
    >>> found = find_alarms(reference, reference.buckets(live))
    >>> [(alarm.bucket, alarm.since, alarm.columns[0].column) for alarm in found]
    [(10, 10, 'age'), (11, 10, 'age')]
    """
    promise, buckets = promise or AlarmBudget(), reference.unseasonal(buckets)
    return _alarms(reference, buckets, spread_of(reference, buckets), first, promise, begin)


def warn(
    reference: Reference,
    buckets: NumberArray,
    *,
    first: int = 0,
    begin: int = 0,
    promise: AlarmBudget | None = None,
) -> tuple[Alarm, ...]:
    """Warnings during calibration: each is either drift, or normal variation of this traffic.

    The arguments are those of `find_alarms`. It tests windows with the dispersion that the buckets before them teach,
    or with `UNKNOWN`. It never warns if the reference has an order of time, or after `LEARNED` buckets.

    >>> draw = np.random.default_rng(0).normal
    >>> reference = Reference.of({"age": draw(20, 2, 5000)}, {"age": ()})
    >>> buckets = reference.buckets({"age": draw(22, 2, 500)})
    >>> len(find_alarms(reference, buckets)), len(warn(reference, buckets))
    (0, 2)
    """
    promise, buckets = promise or AlarmBudget(), reference.unseasonal(buckets)
    spread = replace(spread_of(reference, buckets), strict=False)
    return _alarms(reference, buckets[: spread.calibrated], spread, first, promise, begin)


def rings(
    reference: Reference,
    buckets: NumberArray,
    spread: Spread,
    first: int,
    promise: AlarmBudget,
    begin: int = 0,
) -> dict[int, int]:
    """The buckets that ring, with the buckets of the window that is surest; `buckets` are without their seasons."""
    level = promise.level(reference)
    rang: dict[int, tuple[float, int]] = {}
    for scale in promise.scales:
        ends = np.arange(max(first, begin + scale - 1), len(buckets))
        if not len(ends):
            break
        p_values, effects = statistics_at(reference, buckets, spread, ends, scale)
        surest = np.where(effects >= promise.least_effect, p_values, 1.0).min(axis=1, initial=1.0)
        for end, p_value in zip(ends.tolist(), surest.tolist(), strict=True):
            if p_value < min(level, rang.get(end, (1.0, 0))[0]):
                rang[end] = p_value, scale
    return {end: scale for end, (_, scale) in rang.items()}


def statistics_at(
    reference: Reference, buckets: NumberArray, spread: Spread, ends: NDArray[np.int64], scale: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The p-value and the effect of each part in the window of `scale` buckets that ends with each of `ends`.

    Both have shape (ends, parts). Until the spread is known, a `strict` one lets it test only special cells.
    """
    windows, dispersion, early = _windows(buckets, ends, scale), spread.at(ends, scale), spread.gross(ends)
    p_values, effects, late = np.ones(dispersion.shape), np.zeros(dispersion.shape), ends[~early]
    rows, every = _rows(reference, windows), reference.split(buckets)
    for index, (name, found) in enumerate(reference.split(windows).items()):
        part, spreads = reference.parts[name], dispersion[~early, index]
        if isinstance(part, Joint):
            effects[:, index] = (part.deviations(found, rows) ** 2).sum(axis=-1)
            p_values[~early, index] = joint_p_values(part, found[~early], rows[~early], spreads)
            continue
        live, counts = np.maximum(found, 0), np.maximum(every[name], 0)  # seasons may explain more than what came
        effects[:, index] = psi(np.asarray(part.counts), live)
        p_values[early, index] = gross_p_values(part, counts, ends[early], scale, UNKNOWN)
        runs = bets(part, counts, late, scale, by_rate(part), UNKNOWN)
        runs *= (spreads >= CLUSTERED)[:, None] | (spread.strict and spread.calibrated > 0)
        p_values[~early, index] = column_p_values(part, live[~early], scale * reference.bucket, spreads, runs)
    return p_values, effects


def _windows(buckets: NumberArray, ends: NDArray[np.int64], scale: int) -> NumberArray:
    sums = np.concatenate([np.zeros((1, buckets.shape[1]), buckets.dtype), np.cumsum(buckets, axis=0)])
    return np.asarray(sums[ends + 1] - sums[ends + 1 - scale])


def _rows(reference: Reference, windows: NumberArray) -> NumberArray:
    return reference.rows_in(windows) if reference.columns else np.zeros(len(windows))


def _alarms(
    reference: Reference, buckets: NumberArray, spread: Spread, first: int, promise: AlarmBudget, begin: int
) -> tuple[Alarm, ...]:
    rang = rings(reference, buckets, spread, first, promise, begin)
    return tuple(_alarm(reference, buckets, end, scale, spread, promise, begin) for end, scale in sorted(rang.items()))


def _alarm(
    reference: Reference, buckets: NumberArray, end: int, scale: int, spread: Spread, promise: AlarmBudget, begin: int
) -> Alarm:
    level, only = promise.level(reference), np.array([end])
    window = _windows(buckets, only, scale)
    rows = float(_rows(reference, window)[0])
    p_values, distances = statistics_at(reference, buckets, spread, only, scale)
    moved = [
        Movement(name, p_value, distance, True, _effects(reference.parts[name], live, rows))
        for (name, live), p_value, distance in zip(
            reference.split(window[0]).items(), p_values[0].tolist(), distances[0].tolist(), strict=True
        )
        if p_value < level and distance >= promise.least_effect
    ]
    surest = min(moved, key=lambda movement: movement.p_value)
    since = _since(reference, buckets, surest.column, end, spread, begin)
    moved.sort(key=lambda movement: (movement.column in reference.joints, movement.p_value))
    return Alarm(end, scale, since, tuple(moved), level)


def _effects(part: Cells | Joint, live: NumberArray, rows: float) -> dict[str, float]:
    return joint_effects(part, live, rows) if isinstance(part, Joint) else column_effects(part, np.maximum(live, 0))


def _since(reference: Reference, buckets: NumberArray, name: str, end: int, spread: Spread, begin: int) -> int:
    """The start of the window of up to `LONGEST` buckets that is surest of a part (Hinkley 1971, Biometrika 58)."""
    ages = np.arange(1, min(end + 1 - begin, LONGEST) + 1)
    index, part = [*reference.parts].index(name), reference.parts[name]
    newest = buckets[end + 1 - len(ages) : end + 1][::-1].cumsum(axis=0)
    windows, dispersion = reference.split(newest)[name], spread.at(end, ages)[:, index]
    if isinstance(part, Joint):
        p_values = joint_p_values(part, windows, _rows(reference, newest), dispersion)
    else:
        p_values = column_p_values(part, np.maximum(windows, 0), reference.bucket, dispersion)
    return end - int(np.argmin(p_values))
