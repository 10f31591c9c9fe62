"""Columns that tell the target by themselves, and copies of other columns: measured, never guessed from a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.data.infer.profile import Profile
from omloop.data.quality.alone import Side
from omloop.data.quality.leaks import FEW_VALUES, follows, giving_away, told

MOST_ROWS = 30_000
"""How many rows to look at, evenly drawn; a third of them is held out."""
SEED = 59


def leaks(columns: Sequence[Profile], targets: NDArray[np.float64], *, words: bool) -> dict[str, str]:
    """Columns that alone give the target away on held-out rows, with the score of each and of the next best.

    `targets`, shape (n,), are NaN if missing; `words` says that they are class indices.
    """
    rows = np.flatnonzero(~np.isnan(targets))
    chosen = np.random.default_rng(SEED).permutation(rows)[:MOST_ROWS]
    held_out, train = np.split(chosen, [len(chosen) // 3])
    target = Side(targets[train], targets[held_out], words=words)
    sides = {
        one.name: Side(one.numbers[train], one.numbers[held_out], words=one.content in ("words", "truths"))
        for one in columns
    }
    scores, suspects = giving_away(sides, target)
    honest = {name: score for name, score in scores.items() if name not in suspects}
    best = max(honest, key=lambda name: honest[name].value, default="")
    other = f"; the next best column, '{best}', reaches {told(honest[best], target)}" if best else ""
    found = {
        name: f"it gives the target away: alone, {told(scores[name], target)} on held-out rows{other}"
        for name in suspects
    }
    for name in honest:
        if len(np.unique(sides[name].train)) <= FEW_VALUES and (reason := follows(name, sides[name], target)):
            found[name] = reason.removeprefix(f"'{name}' ").replace("follows", "it follows", 1)
    return found


def copies(columns: Sequence[Profile]) -> dict[str, str]:
    """Columns that say the same as one before them: equal numbers, or words that go one to one with its values."""
    found: dict[str, str] = {}
    seen: dict[tuple[object, ...], str] = {}
    for one in columns:
        key = _pattern(one)
        if key is None:
            continue
        first = seen.setdefault(key, one.name)
        if first != one.name:
            found[one.name] = f"a copy of '{first}': in all {one.rows:,} rows its {one.distinct:,} values go one to one"
    return found


def _pattern(one: Profile) -> tuple[object, ...] | None:
    """What is equal for columns that tell rows apart alike: their values, or of few values the rows that share one."""
    if one.distinct < 2:
        return None
    if one.content in ("words", "truths") or (one.whole and one.distinct <= FEW_VALUES):
        _, first, places = np.unique(one.numbers, return_index=True, return_inverse=True)
        order = np.empty(len(first), np.int64)
        order[np.argsort(first)] = np.arange(len(first))
        return one.distinct, one.missing, hash(order[places].tobytes())
    return one.distinct, one.missing, hash(one.numbers.tobytes())


def same_as_target(columns: Mapping[str, Profile], target: Profile) -> Iterator[tuple[str, str]]:
    """Columns that go one to one with the target, row by row, where it is there."""
    key = _pattern(target)
    for name, one in columns.items():
        if key is not None and _pattern(one) == key:
            yield (
                name,
                f"it is the target under another name: in all {one.rows:,} rows its values go one to one with it",
            )
