"""The part of the live rows where something is more frequent, or larger, than in the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from omloop.core import NumberArray

LEAST_ROWS = 20
"""Rows inside a slice, and outside of it, for the normal limit of two means to be of use."""
MOST_VALUES = 5
"""A number with at most this many values is cut into its values; thirds describe more values in fewer words."""
LEVEL = 0.01
"""The chance of naming any slice by mere luck."""


@dataclass(frozen=True)
class RowSlice:
    """Some of the rows, named by a condition, with the mean of the values inside and outside of them."""

    name: str
    rows: int
    inside: float
    outside: float


def worst_slices(
    values: NumberArray | NDArray[np.bool_],
    observed: Mapping[str, NumberArray],
    categories: Mapping[str, tuple[str, ...]],
    sample: Mapping[str, NumberArray],
    *,
    most: int = 5,
) -> tuple[RowSlice, ...]:
    """Slices by one column where the mean of `values` is significantly higher than outside, the surest first.

    `values` and the columns of `observed` have shape (n,). It cuts a number at the thirds of the reference sample, or
    into its values if those are few. The chance of naming any slice by mere luck is 1 % (a normal test of two means,
    divided by the number of slices).

    >>> age = np.repeat([15.0, 25.0], 100)
    >>> found = worst_slices(age > 20, {"age": age}, {"age": ()}, {"age": np.array([15.0, 25.0])})
    >>> found[0].name, found[0].inside, found[0].outside
    ('age = 25', 1.0, 0.0)
    """
    values = np.asarray(values, np.float64)
    slices = [
        (name, inside)
        for column, found in observed.items()
        for name, inside in _cut(column, np.asarray(found, np.float64), categories[column], sample[column])
        if LEAST_ROWS <= inside.sum() <= len(values) - LEAST_ROWS
    ]
    sure = [(_score(values, inside), name, inside) for name, inside in slices]
    kept = sorted((item for item in sure if ndtr(-item[0]) * len(slices) < LEVEL), key=lambda item: (-item[0], item[1]))
    return tuple(
        RowSlice(name, int(inside.sum()), float(values[inside].mean()), float(values[~inside].mean()))
        for _, name, inside in kept[:most]
    )


def _cut(
    name: str, values: NDArray[np.float64], words: tuple[str, ...], sample: NumberArray
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    yield f"{name} is missing", np.isnan(values)
    if words:
        seen = np.unique(values[(values >= 0) & (values < len(words))]).astype(np.intp)
        yield from ((f"{name} = {words[index]}", values == index) for index in seen.tolist())
        return
    present = np.asarray(sample, np.float64)[np.isfinite(sample)]
    known = np.unique(present)
    if len(known) <= MOST_VALUES:
        yield from ((f"{name} = {value:.4g}", values == value) for value in known)
        yield f"{name} is another value", ~np.isnan(values) & ~np.isin(values, known)
        return
    low, high = np.quantile(present, [1 / 3, 2 / 3])
    yield f"{name} up to {low:.4g}", values <= low
    yield f"{name} from {low:.4g} to {high:.4g}", (values > low) & (values <= high)
    yield f"{name} above {high:.4g}", values > high


def _score(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    """By how many standard deviations the mean inside is above that outside, if there were no difference."""
    doubt = values.var() * (1 / inside.sum() + 1 / (~inside).sum())
    return float((values[inside].mean() - values[~inside].mean()) / np.sqrt(doubt)) if doubt > 0 else 0.0
