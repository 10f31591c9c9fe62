"""Whether the order of a source's records says something of the target, as the order of time does.

Then a random test part flatters a model: it has learned from the neighbours of each test record. Even a random walk
seems predictable. Records in the order of their classes are ordinary and say nothing of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.core import Finding
from omloop.data.rows import take_rows

if TYPE_CHECKING:
    from omloop.data.quality.pool import Pool

LEVEL = 3.72
"""Standard errors beyond which records in no order lie once in 10,000 data sets."""
SKEW = 1.15
"""Changes of class that are added to their standard error: a few neighbours of a rare class fall on a Poisson count's
longer side, by Cornish and Fisher's (LEVEL^2 - 1) / 6 / LEVEL times two changes."""
EFFECT = 0.1
"""Likeness of neighbours below which a score is hardly flattered: they explain a hundredth of each other's variance."""
LEAST_RECORDS = 100
LEAST_UNUSUAL = 50
"""Records that differ from the most frequent target, of which fewer may lie side by side by chance."""
RUNS = 3
"""Stretches of one class, a class, up to which records are sorted by class: twice or more where folders are read."""
STEADY = 0.9
"""The share of equal steps from which a column that the records are sorted by is taken for a count or a clock."""


@dataclass(frozen=True)
class Likeness:
    """How like neighbours are: `value` from 0 (as by chance) to 1, and `error` is its standard error by chance."""

    value: float
    error: float
    words: str

    @property
    def beyond_chance(self) -> bool:
        """Whether they are more alike than chance makes them, and by so much that it matters."""
        return self.value >= EFFECT and self.value > LEVEL * self.error


def records_in_order(pool: Pool) -> Finding | None:
    """Records whose neighbours in the source have like targets, where the split does not go by time.

    The first record of each group and of each input counts: neighbours of one group stay in one part anyway.
    """
    if (pool.identity and pool.identity.times) or (pool.project.part and pool.project.part in pool.records):
        return None
    chosen = _apart(pool)
    targets = np.asarray(pool.targets, np.float64)[chosen]
    if len(targets) < LEAST_RECORDS or _unusual(targets) < LEAST_UNUSUAL:
        return None
    if pool.classes and _by_class(targets):
        return None
    likeness = class_likeness(targets) if pool.classes else number_likeness(targets)
    if not likeness.beyond_chance:
        return None
    target = pool.project.target
    if _sorted(targets):
        message = f"the records are sorted by the target '{target}', which says nothing of time: the split ignores it"
        return Finding("order", "note", len(targets), message)
    name, clock = _sorted_by(pool, pool.rows[chosen])
    alike = f"neighbours in the order of the records have like targets ({likeness.words})"
    if name and not clock:
        message = (
            f"{alike}, for the records are sorted by '{name}'. If that is a time, split by it (split.by={name}); "
            "if not, the order means nothing"
        )
        return Finding("order", "note", len(targets), message)
    step = f"split.by={name}" if name else "split.by=COLUMN, with a column that says when each came"
    message = (
        f"{alike}, as in the order of time: a test record drawn at random lies between records that were learned from, "
        f"and its score flatters the model. Judge on the newest records: {step}"
    )
    return Finding("order", "warning", len(targets), message)


def number_likeness(targets: NDArray[np.float64]) -> Likeness:
    """The correlation of neighbours' ranks: one less half of von Neumann's ratio (Bartels 1982, JASA 77, 40-46).

    >>> round(number_likeness(np.arange(100.0)).value, 2)
    1.0
    """
    ranks = _ranks(targets)
    ratio = float(np.square(np.diff(ranks)).sum() / np.square(ranks - ranks.mean()).sum())
    value = 1 - ratio / 2
    return Likeness(value, 1 / len(targets) ** 0.5, f"rank correlation {value:.2f}")


def class_likeness(targets: NDArray[np.float64]) -> Likeness:
    """How much seldomer neighbours differ in class than by chance (Barton and David 1957, Biometrika 44, 168-178).

    >>> round(class_likeness(np.repeat([0.0, 1.0], 50)).value, 2)
    0.98
    """
    n, counts = len(targets), np.unique(targets, return_counts=True)[1].astype(np.float64)
    changes = float(np.count_nonzero(np.diff(targets)))
    squares, cubes = float((counts**2).sum()), float((counts**3).sum())
    usual = (n * n - squares) / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    words = f"{changes:.0f} of {n - 1} differ in class, {usual:.0f} would by chance"
    return Likeness(1 - changes / usual, (float(np.sqrt(max(variance, 0.0))) + SKEW) / usual, words)


def _apart(pool: Pool) -> NDArray[np.int64]:
    """Positions in the pool of the source's records in their order, one of each group and one of each input."""
    order = np.argsort(pool.rows, kind="stable")
    if pool.identity is not None:
        order = order[~pool.identity.live[pool.rows[order]]]
    kept = np.sort(np.unique(pool.inputs[order], return_index=True)[1])
    group = pool.project.group
    if group is not None and group in pool.records:
        names = [str(pool.records[group][row]) for row in pool.rows[order[kept]].tolist()]
        kept = kept[np.sort(np.unique(names, return_index=True)[1])]
    return order[kept]


def _by_class(targets: NDArray[np.float64]) -> bool:
    """Whether the records of each class lie in a stretch or three."""
    return bool(np.count_nonzero(np.diff(targets)) < RUNS * len(np.unique(targets)))


def _unusual(targets: NDArray[np.float64]) -> int:
    return len(targets) - int(np.unique(targets, return_counts=True)[1].max())


def _sorted_by(pool: Pool, rows: NDArray[np.int64]) -> tuple[str, bool]:
    """The column whose order the records follow, dates first, then features; and whether it goes like a clock."""
    features, found = pool.kind.fields, []
    for name in pool.records:
        if name in (pool.project.target, pool.project.group):
            continue
        values = [*take_rows({name: pool.records[name]}, rows)[name]]
        if isinstance(values[0], bytes | np.ndarray):  # pictures have no order
            continue
        numbers = _numbers(values)
        along = _ranks(numbers) if numbers is not None else _text_ranks(values)
        if along is None or not _sorted(along):
            continue
        dates = numbers is None and _is_date(values[0])
        clock = dates or name not in features or (numbers is not None and _steady(numbers))
        found.append((not dates, name not in features, name, clock))
    return min(found)[2:] if found else ("", False)


def _sorted(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all()) and bool((steps != 0).any())


def _steady(numbers: NDArray[np.float64]) -> bool:
    """Whether numbers go on by equal steps, as a count or a clock does."""
    steps = np.diff(numbers)
    return bool((np.abs(steps - np.median(steps)) <= 1e-6 * np.abs(np.median(steps))).mean() >= STEADY)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0 on; equal values have the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts + 1) / 2)[places])


def _text_ranks(values: Sequence[object]) -> NDArray[np.float64] | None:
    words = [str(value) for value in values]
    if not all(isinstance(value, str) for value in values) and not _is_date(words[0]):
        return None
    return np.unique(words, return_inverse=True)[1].astype(np.float64)


def _numbers(values: Sequence[object]) -> NDArray[np.float64] | None:
    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None
    return numbers if numbers.ndim == 1 and np.isfinite(numbers).all() else None


def _is_date(value: object) -> bool:
    try:
        return bool(datetime.fromisoformat(str(value).strip()))
    except ValueError:
        return False
