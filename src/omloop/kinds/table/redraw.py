"""Raw values of a column drawn again: with a little noise, and some of them moved as by drift."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.kinds.table.column import Column
from omloop.kinds.table.encode import judge_values

NOISE = 0.05
"""Noise on a number, in standard deviations of its column: the smoothed bootstrap (Silverman and Young 1987)."""

MOVE = 1.5
"""How far the numbers of a moved record are off, in standard deviations."""


def redraw(column: Column, values: Any, moved: NDArray[np.bool_], draw: np.random.Generator) -> Any:
    """One column's raw values with a little noise on numbers, inside its limits; what is absent stays so.

    Where `moved`, numbers lie 1.5 standard deviations off, away from the nearer limit, booleans are turned, and words
    and texts are drawn from the rarer half of them. Dates stay: time goes on by itself.
    """
    noise, others = draw.standard_normal(len(values)), draw.integers(0, 2**31, len(values))
    if column.type in ("number", "integer"):
        return _numbers(column, values, moved, noise)
    if column.type == "boolean":
        turned = {"true": "false", "false": "true", True: False, False: True}
        return [turned.get(_plain(v), v) if now else v for v, now in zip(values, moved, strict=True)]
    if column.type in ("date", "datetime"):
        return values
    # A word drawn from the rarer half of them comes as often as one of the commoner half.
    counts = Counter(value for value in values if value is not None and value != "")
    words = sorted(counts, key=lambda value: (counts[value], str(value)))
    rare = words[: (len(words) + 1) // 2]
    drawn = [rare[row % len(rare)] for row in others.tolist()] if rare else values
    return [v if v is None or v == "" or not now else new for v, now, new in zip(values, moved, drawn, strict=True)]


def _numbers(column: Column, values: Sequence[Any], moved: NDArray[np.bool_], noise: NDArray[np.float64]) -> list[Any]:
    numbers = judge_values(Column(column.name, column.type, missing=True), values, text=True)[0].astype(np.float64)
    there = numbers[np.isfinite(numbers)]
    if not len(there):
        return list(values)
    spread = float(there.std())
    low = column.low if column.low is not None else -np.inf
    high = column.high if column.high is not None else np.inf
    away = MOVE * spread * (1.0 if high - there.mean() >= there.mean() - low else -1.0)
    changed = np.where(moved, numbers + away, np.clip(numbers + NOISE * spread * noise, there.min(), there.max()))
    changed = np.clip(changed, low, high)
    if column.type == "integer":
        return [None if value != value else round(value) for value in changed.tolist()]  # noqa: PLR0124  NaN
    digits = max(0, 4 - int(np.floor(np.log10(spread)))) if spread > 0 else 6
    rounded = np.clip(np.round(changed, digits), low, high).tolist()
    return [None if value != value else value for value in rounded]  # noqa: PLR0124  NaN


def _plain(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value
