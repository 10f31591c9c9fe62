"""Rows with equal observed values: how many there are, and how many more than chance explains.

A row that comes k times is one draw, not k. If every row of a reference came k times, its counts vary k times as much
as its number of rows says. This is Kish's design effect (1965, "Survey Sampling", section 8.2).
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

LEAST_DISTINCT = 200
"""A table of fewer distinct rows than this is one whose rows are equal by nature."""


def design_effect(observed: Mapping[str, NumberArray]) -> float:
    """How much more the counts of these rows vary than of independent ones, from their repeats alone; at least 1.

    Rows of few distinct values are also equal by chance. Two numbers tell how often: the rows that agree in all columns
    but one, and how often rows that differ elsewhere agree in that one. The column that explains most counts. In a
    table of one column, or of few distinct rows, chance explains all.

    >>> values = np.random.default_rng(0).normal(size=(2, 1000))
    >>> design_effect({"a": np.repeat(values[0], 3), "b": np.repeat(values[1], 3)})
    3.0
    >>> design_effect({"a": np.repeat([0.0, 1.0], 500)})
    1.0
    """
    hashes = _hashed(observed)
    rows = len(hashes[0]) if hashes else 0
    if rows < 2:
        return 1.0
    whole = _summed(hashes)
    if len(np.unique(whole)) < LEAST_DISTINCT:
        return 1.0
    pairs, equal = rows * (rows - 1) / 2, _pairs(whole)
    chance = max(_by_chance(_pairs(whole - own), _pairs(own), equal, pairs) for own in hashes) if equal else 0.0
    return float(max(1.0, 1 + (rows - 1) * (equal / pairs - chance)))


def alike(observed: Mapping[str, NumberArray], bucket: int) -> float:
    """How normal repeated rows are: 1 if every row repeats, or for fewer than two rows.

    It is the smaller of two numbers. The first is the share of rows that equal another one; very many rows make it
    large. The second is how many other rows of a bucket equal a row on average; a few very frequent rows make it large.
    """
    hashes = _hashed(observed)
    rows = len(hashes[0]) if hashes else 0
    if rows < 2:
        return 1.0
    times = np.unique(_summed(hashes), return_counts=True)[1].astype(np.float64)
    share, others = float(times[times > 1].sum() / rows), float((times * (times - 1)).sum() / (rows * (rows - 1)))
    return min(share, bucket * others)


def row_hashes(observed: Mapping[str, NumberArray], callers: Sequence[str | None] | None = None) -> NDArray[np.uint64]:
    """A hash of each row and of who sent it, the same on every machine; shape (rows,). No callers are one caller."""
    hashes = _hashed(observed)
    names = {caller: _of_name(caller) for caller in {*callers}} if callers else {}
    if not hashes:
        return np.zeros(0, np.uint64)
    who = np.array([names[caller] for caller in callers], np.uint64) if callers else np.uint64(0)
    return np.asarray(_summed(hashes) + who)


def first_of_each(
    hashes: NDArray[np.uint64], bucket: int, before: NDArray[np.uint64] | None = None
) -> NDArray[np.bool_]:
    """Which rows are the first of theirs in their bucket, by `row_hashes`; those that came `before` are in the first.

    >>> first_of_each(row_hashes({"a": np.array([1.0, 1.0, 2.0, 1.0])}), 2)
    array([ True, False,  True,  True])
    """
    number = np.arange(len(hashes)) // bucket
    first = np.zeros(len(hashes), np.bool_)
    first[np.unique(hashes + _mixed(number.astype(np.float64), 0), return_index=True)[1]] = True
    return first if before is None else first & ~(np.isin(hashes, before) & (number == 0))


def _of_name(caller: str | None) -> int:
    return 0 if caller is None else int.from_bytes(hashlib.blake2b(caller.encode(), digest_size=8).digest(), "big")


def _by_chance(but_one: float, one: float, equal: float, pairs: float) -> float:
    """The chance that rows agree in all columns, by how often they agree in all but one, and in that one."""
    if but_one >= pairs:  # there is no other column, or none that varies
        return equal / pairs
    agree = (one - equal) / (pairs - but_one)
    return (but_one - equal) / pairs * agree / (1 - agree) if agree < 1 else 0.0


def _pairs(hashes: NDArray[np.uint64]) -> float:
    """How many pairs are equal."""
    times = np.unique(hashes, return_counts=True)[1].astype(np.float64)
    return float((times * (times - 1)).sum() / 2)


def _summed(hashes: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """One hash a row; the part of a column can be taken out again."""
    return np.asarray(np.sum(hashes, axis=0, dtype=np.uint64))


def _hashed(observed: Mapping[str, NumberArray]) -> list[NDArray[np.uint64]]:
    """A hash of every value and its column (splitmix64: Steele et al. 2014, OOPSLA); absent values are equal."""
    return [_mixed(np.asarray(values, np.float64), index) for index, values in enumerate(observed.values())]


def _mixed(values: NDArray[np.float64], salt: int) -> NDArray[np.uint64]:
    bits = np.where(np.isnan(values), np.nan, values + 0.0).view(np.uint64)  # no -0.0
    bits = bits + np.uint64(0x9E3779B97F4A7C15 * (salt + 1) % 2**64)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(bits ^ (bits >> np.uint64(31)))
