"""The verdict: which observed columns moved, at one chance of a false alarm for all of them together."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import Cells, Reference
from omloop.core import DataError, Drift, Movement
from omloop.drift.chi_squared import chi_squared
from omloop.drift.fisher import newly_common
from omloop.drift.holm import holm
from omloop.drift.kolmogorov_smirnov import kolmogorov_smirnov
from omloop.drift.psi import psi

LEAST_ROWS = 100
"""Fewer live rows than this give no verdict: the tails that the tests use are limits of large samples."""

LEAST_DISTANCE = 0.02
"""Smallest population stability index that counts as a movement, however certain.

It is that of a normal column whose mean moves by 0.14 standard deviations, or whose spread grows by a tenth. Credit
scoring asks for 0.1 before it acts (Siddiqi 2006, "Credit Risk Scorecards"), which would miss a rare category that
doubles; significance guards against chance here, so this needs only to guard against the trivial.
"""


def detect(
    reference: Reference,
    observed: Mapping[str, NDArray[Any]],
    *,
    level: float = 0.01,
    least_rows: int = LEAST_ROWS,
    least_distance: float = LEAST_DISTANCE,
) -> Drift:
    """Compare live rows, as a kind's `observe` gives them, with the reference; arrays of shape (rows,) by column.

    A column's counts meet a chi-squared test, an exact test of its scarce cells and, for a number, a
    Kolmogorov-Smirnov test. Its p-value is the smallest of theirs times their number, corrected over the columns by
    Holm's method: a window without drift raises any alarm with probability `level` at most. A column moved
    if its p-value is below `level` and its distance is `least_distance` or more. With fewer than `least_rows` rows
    there is no verdict: the answer has no columns. Raises DataError when the columns are not the reference's.

    >>> chance = np.random.default_rng(0)
    >>> reference = Reference.of({"age": chance.normal(20, 2, 5000)}, {"age": ()})
    >>> detect(reference, {"age": chance.normal(20, 2, 500)}).moved
    False
    >>> detect(reference, {"age": chance.normal(21, 2, 500)}).moved
    True
    """
    counts = count_live(reference, observed)
    return compare(reference, counts, level=level, least_rows=least_rows, least_distance=least_distance)


def count_live(reference: Reference, observed: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.int64]]:
    """Count live rows in the reference's cells, by column. Counts of two windows add up to those of both together.

    A category outside of the reference's words counts as absent. Raises DataError when the columns are not the
    reference's, or not all of one length.
    """
    _check_columns(reference, observed)
    return {name: cells.count(_within(cells, observed[name])) for name, cells in reference.columns.items()}


def compare(
    reference: Reference,
    counts: Mapping[str, NDArray[np.int64]],
    *,
    level: float = 0.01,
    least_rows: int = LEAST_ROWS,
    least_distance: float = LEAST_DISTANCE,
) -> Drift:
    """The verdict of `detect` from counts of live rows, as `count_live` gives them."""
    rows = max((int(count.sum()) for count in counts.values()), default=0)
    if rows < least_rows or not rows:
        return Drift(rows, (), level)
    before = {name: np.asarray(cells.counts) for name, cells in reference.columns.items()}
    p_values = holm([_p_value(cells, counts[name]) for name, cells in reference.columns.items()])
    movements = [
        _movement(name, p_value, psi(before[name], counts[name]), level, least_distance)
        for name, p_value in zip(before, p_values, strict=True)
    ]
    return Drift(rows, tuple(sorted(movements, key=_most_moved_first)), level)


def _p_value(cells: Cells, live: NDArray[np.int64]) -> float:
    reference = np.asarray(cells.counts)
    p_values = [chi_squared(reference, live)[1], newly_common(reference, live)]
    if not cells.categories:
        p_values.append(kolmogorov_smirnov(reference[:-1], live[:-1])[1])  # the last cell is of absent values
    return min(1.0, min(p_values) * len(p_values))


def _movement(name: str, p_value: float, distance: float, level: float, least_distance: float) -> Movement:
    return Movement(name, p_value, distance, p_value < level and distance >= least_distance)


def _most_moved_first(movement: Movement) -> tuple[bool, float, float, str]:
    return not movement.moved, movement.p_value, -movement.distance, movement.column


def _within(cells: Cells, values: NDArray[Any]) -> NDArray[np.float64]:
    values = np.asarray(values, np.float64)
    if not cells.categories:
        return values
    return np.where((values >= 0) & (values < len(cells.categories)), values, np.nan)


def _check_columns(reference: Reference, observed: Mapping[str, NDArray[Any]]) -> None:
    missing = [name for name in reference.columns if name not in observed]
    strange = [name for name in observed if name not in reference.columns]
    if missing or strange:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"also has {', '.join(strange)}"] * bool(strange)
        raise DataError(
            f"The live rows are not of the reference's columns: the window {' and '.join(parts)}. "
            "Compare predictions with the reference of the version that made them."
        )
    lengths = {name: len(values) for name, values in observed.items()}
    if len(set(lengths.values())) > 1:
        listing = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"The live columns are not of one length: {listing}. Give each column one value a row.")
