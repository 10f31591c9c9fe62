"""One window, one verdict: which observed columns moved, at one chance of a false alarm for all of them together."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.bundle.reference.joint import Joint
from omloop.core import Drift, Movement, NumberArray
from omloop.drift.columns import column_effects, column_p_values, joint_effects, joint_p_values
from omloop.drift.holm import holm

LEAST_ROWS = 100
"""Fewer live rows than this give no verdict."""

LEAST_DISTANCE = 0.02
"""Smallest population stability index that counts as a movement, however certain.

It is that of a normal column whose mean moves by 0.14 standard deviations, or whose spread grows by a tenth. Credit
scoring asks for 0.1 before it acts (Siddiqi 2006, "Credit Risk Scorecards"), which would miss a rare category that
doubles; significance guards against chance here, so this needs only to guard against the trivial.
"""


def detect(
    reference: Reference,
    observed: Mapping[str, NumberArray],
    *,
    level: float = 0.01,
    least_rows: int = LEAST_ROWS,
    least_distance: float = LEAST_DISTANCE,
) -> Drift:
    """Compare live rows, as a kind's `observe` gives them, with the reference; arrays of shape (rows,) by column.

    The p-values of columns, and of columns together, are corrected over all of them by Holm's method: a window without
    drift raises any alarm with probability `level` at most. A column moved if its p-value is below `level` and its
    distance is `least_distance` or more. With fewer than `least_rows` rows there is no verdict: the answer has no
    columns. Rows are taken to be independent where the reference has no dispersion. To watch a stream, `find_alarms`:
    this is one look. Raises DataError when the columns are not the reference's.

    >>> chance = np.random.default_rng(0)
    >>> reference = Reference.of({"age": chance.normal(20, 2, 5000)}, {"age": ()})
    >>> detect(reference, {"age": chance.normal(20, 2, 500)}).moved
    False
    >>> detect(reference, {"age": chance.normal(21, 2, 500)}).moved
    True
    """
    counts = reference.count(observed)
    return compare(reference, counts, level=level, least_rows=least_rows, least_distance=least_distance)


def compare(
    reference: Reference,
    counts: NDArray[np.int64],
    *,
    level: float = 0.01,
    least_rows: int = LEAST_ROWS,
    least_distance: float = LEAST_DISTANCE,
) -> Drift:
    """The verdict of `detect` from counts of live rows, as `Reference.count` gives them; shape (size,)."""
    live = reference.split(counts)
    rows = max((int(live[name].sum()) for name in reference.columns), default=0)
    if rows < least_rows or not rows:
        return Drift(rows, (), level)
    p_values = holm([_p_value(part, live[name], rows) for name, part in reference.parts.items()])
    effects = [_effects(part, live[name], rows) for name, part in reference.parts.items()]
    distances = [effect["psi"] if "psi" in effect else effect["distance"] for effect in effects]
    movements = [
        Movement(name, p_value, distance, p_value < level and distance >= least_distance, effect)
        for name, p_value, distance, effect in zip(live, p_values, distances, effects, strict=True)
    ]
    return Drift(rows, tuple(sorted(movements, key=_most_moved_first)), level)


def _p_value(part: Cells | Joint, live: NumberArray, rows: int) -> float:
    dispersion = part.dispersion or 1.0
    if isinstance(part, Joint):
        return float(joint_p_values(part, live[None], rows, dispersion)[0])
    return float(column_p_values(part, live[None], rows, dispersion)[0])


def _effects(part: Cells | Joint, live: NumberArray, rows: int) -> dict[str, float]:
    return joint_effects(part, live, rows) if isinstance(part, Joint) else column_effects(part, live)


def _most_moved_first(movement: Movement) -> tuple[bool, float, float, str]:
    return not movement.moved, movement.p_value, -movement.distance, movement.column
