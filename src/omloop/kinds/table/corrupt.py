"""Corruptions of records: functions of raw columns, a strength from 0 to 1 and a random generator.

A column is a list of raw values, texts or numbers. Each function takes the columns that it can harm, by name, and gives
all of them back.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Raw = Mapping[str, list[object]]
FACTORS = (0.01, 0.1, 10.0, 60.0, 1000.0)
"""What a wrong unit multiplies by: a share for a percentage, minutes for hours, and the like."""


def missing(columns: Raw, strength: float, chance: np.random.Generator) -> Raw:
    """Left empty: at full strength three in ten values."""
    return {name: _some(values, 0.3 * strength, chance, lambda _: None) for name, values in columns.items()}


def noise(columns: Raw, strength: float, chance: np.random.Generator) -> Raw:
    """Badly measured: normal noise, at full strength of a column's own standard deviation."""
    return {name: _noisy(values, strength, chance) for name, values in columns.items()}


def units(columns: Raw, strength: float, chance: np.random.Generator) -> Raw:
    """In the wrong unit: one column, at full strength half of all, times a factor such as 10 or 60."""
    chosen = set(_chosen(columns, strength / 2, chance))
    factors = dict(zip(columns, chance.choice(FACTORS, len(columns)).tolist(), strict=True))
    return {
        name: [_times(value, factors[name]) for value in values] if name in chosen else values
        for name, values in columns.items()
    }


def swap_columns(columns: Raw, strength: float, chance: np.random.Generator) -> Raw:
    """Under each other's names: two columns, at full strength all of them, change places."""
    chosen = _chosen(columns, strength, chance, least=2)
    places = dict(zip(chosen, [*chosen[1:], *chosen[:1]], strict=True))
    return {name: columns[places.get(name, name)] for name in columns}


def unseen(columns: Raw, strength: float, chance: np.random.Generator) -> Raw:
    """A word that nobody knew: at full strength three in ten."""
    return {name: _some(values, 0.3 * strength, chance, lambda _: "unseen") for name, values in columns.items()}


CORRUPTIONS: dict[str, Callable[[Raw, float, np.random.Generator], Raw]] = {
    "missing": missing,
    "noise": noise,
    "units": units,
    "swapped": swap_columns,
    "unseen": unseen,
}
"""What columns can suffer, by name."""


def _some(
    values: list[object], share: float, chance: np.random.Generator, change: Callable[[object], Any]
) -> list[object]:
    hit = chance.random(len(values)) < share
    return [change(value) if wrong else value for value, wrong in zip(values, hit, strict=True)]


def _chosen(columns: Raw, share: float, chance: np.random.Generator, least: int = 1) -> list[str]:
    count = min(len(columns), max(least, math.ceil(share * len(columns))))
    return [str(name) for name in chance.permutation(list(columns))[:count]]


def _noisy(values: list[object], strength: float, chance: np.random.Generator) -> list[object]:
    numbers = np.array([_number(value) for value in values], np.float64)
    spread = float(np.nanstd(numbers)) if np.isfinite(numbers).any() else 0.0
    noisy = numbers + strength * spread * chance.standard_normal(len(numbers))
    whole = bool((numbers[np.isfinite(numbers)] % 1 == 0).all())  # a column of integers stays one
    return [
        value if not math.isfinite(number) else float(round(changed)) if whole else changed
        for value, number, changed in zip(values, numbers.tolist(), noisy.tolist(), strict=True)
    ]


def _times(value: object, factor: float) -> object:
    number = _number(value)
    return number * factor if math.isfinite(number) else value


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
