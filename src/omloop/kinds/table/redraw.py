"""Raw values of columns drawn again: with a little noise, and some of them moved as by drift."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.kinds.table.column import Column
from omloop.kinds.table.encode import judge_values

NOISE = 0.05
"""Noise on a number, in standard deviations of its column: the smoothed bootstrap (Silverman and Young 1987)."""

NUMBERS = ("number", "integer")
TURNED = {"true": "false", "false": "true", True: False, False: True}


def redraw(
    columns: Sequence[Column], raw: Mapping[str, Any], moved: NDArray[np.bool_], draw: np.random.Generator
) -> dict[str, Any]:
    """Raw values of the columns, with a little noise on numbers, inside their limits; absent values stay absent.

    `moved` numbers lie where hardly any lay before: beyond their 99th percentile, or below the first if the limits
    leave more room there. They keep their order. A model is wrong about such records, and one that learns from them
    loses nothing of the others. Only a table without numbers flips booleans, and draws words and texts from their rarer
    half. Dates stay: time passes by itself.
    """
    by_number = any(column.type in NUMBERS for column in columns)
    drawn = {}
    for column in columns:
        values = raw[column.name]
        if column.type in NUMBERS:
            drawn[column.name] = _numbers(column, values, moved, draw.standard_normal(len(moved)))
        elif by_number or column.type in ("date", "datetime"):
            drawn[column.name] = values
        elif column.type == "boolean":
            drawn[column.name] = [TURNED.get(_plain(v), v) if now else v for v, now in zip(values, moved, strict=True)]
        else:
            drawn[column.name] = _rare(values, moved, draw.integers(0, 2**31, len(moved)).tolist())
    return drawn


def _rare(values: Sequence[Any], moved: NDArray[np.bool_], others: Sequence[int]) -> Sequence[Any]:
    counts = Counter(value for value in values if value is not None and value != "")
    words = sorted(counts, key=lambda value: (counts[value], str(value)))
    rare = words[: (len(words) + 1) // 2]
    if not rare:
        return values
    drawn = [rare[row % len(rare)] for row in others]
    return [v if v is None or v == "" or not now else new for v, now, new in zip(values, moved, drawn, strict=True)]


def _numbers(column: Column, values: Any, moved: NDArray[np.bool_], noise: NDArray[np.float64]) -> Sequence[Any]:
    numbers = judge_values(Column(column.name, column.type, missing=True), values, text=True)[0].astype(np.float64)
    there = numbers[np.isfinite(numbers)]
    if not len(there):
        return list(values)
    spread = float(there.std())
    low = column.low if column.low is not None else -np.inf
    high = column.high if column.high is not None else np.inf
    usual = np.clip(numbers + NOISE * spread * noise, there.min(), there.max())
    changed = np.clip(np.where(moved, _beyond(numbers, there, low, high), usual), low, high)
    if column.type == "integer":
        return [None if value != value else round(value) for value in changed.tolist()]  # noqa: PLR0124  NaN
    digits = max(0, 4 - int(np.floor(np.log10(spread)))) if spread > 0 else 6
    rounded = np.clip(np.round(changed, digits), low, high).tolist()
    return [None if value != value else value for value in rounded]  # noqa: PLR0124  NaN


def _beyond(numbers: NDArray[np.float64], there: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """The numbers where hardly any of them lay, in the same order; mirrored if there is no room."""
    first, last = np.percentile(there, [1, 99])
    width = last - first
    place = (np.clip(numbers, first, last) - first) / (width or 1.0)
    above, below = min(width, high - last), min(width, first - low)
    if max(above, below) <= 0:
        return np.asarray(last - place * width)
    return np.asarray(last + place * above if above >= below else first - (1 - place) * below)


def _plain(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value
