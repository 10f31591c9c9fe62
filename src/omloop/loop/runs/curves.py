"""Curves that a run logged by step, thinned for whoever draws them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

import orjson

Point = tuple[float, float]
MOST_POINTS = 500
"""Points of a curve that are drawn: a screen is hardly wider."""


def curves_in(content: bytes, by: str = "step", *, most: int = MOST_POINTS) -> dict[str, list[Point]]:
    """The curves in a file of JSON lines, by what each line says under a name; `by` is where it stands.

    >>> curves_in(b'{"step": 0, "loss": 2.0}\\n{"step": 1, "loss": 1.0}\\n{"step": 2, "lo')
    {'loss': [(0.0, 2.0), (1.0, 1.0)]}
    """
    found: dict[str, list[Point]] = {}
    for line in objects_in(content):
        place = line.get(by)
        if not _is_number(place):
            continue
        for name, value in line.items():
            if name not in (by, "time") and _is_number(value):
                found.setdefault(name, []).append((float(place), float(value)))
    return {name: thinned(points, most) for name, points in sorted(found.items())}


def objects_in(content: bytes) -> Iterator[Mapping[str, object]]:
    """The objects of JSON lines; it skips an incomplete line."""
    for line in content.splitlines():
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:  # a number may be NaN, which orjson refuses
            try:
                found = json.loads(line)
            except ValueError:
                continue
        if isinstance(found, dict):
            yield found


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many of the points, in their order: the first and last, and the extremes of each stretch between.

    >>> spike = [(float(step), 9.0 if step == 57 else 0.0) for step in range(1000)]
    >>> len(thinned(spike, 100)) <= 100, (57.0, 9.0) in thinned(spike, 100), thinned(spike, 100)[-1]
    (True, True, (999.0, 0.0))
    """
    if len(points) <= most:
        return list(points)
    inner, stretches = points[1:-1], (most - 2) // 2
    kept = [points[0]]
    for stretch in range(stretches):
        part = inner[stretch * len(inner) // stretches : (stretch + 1) * len(inner) // stretches]
        low, high = (pick(part, key=_value) for pick in (min, max))
        kept += [low] if low is high else sorted((low, high))
    return [*kept, points[-1]]


def _value(point: Point) -> float:
    return point[1]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
