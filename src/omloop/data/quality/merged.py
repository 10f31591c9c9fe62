"""Looking for columns whose numbers become one another: a table keeps float32, which tells about seven digits apart.

It rounds integers beyond 2^24 = 16,777,216 to even steps (IEEE 754): Unix seconds of this decade to steps of 128.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Finding

if TYPE_CHECKING:
    from omloop.data.quality.pool import Pool

EXACT = 2**24
SHARE = 0.99
"""Fewer distinct values than this share of those that came are told; measured numbers lose a few by chance."""


def merged_numbers(pool: Pool) -> Finding | None:
    """Columns of large numbers of which several become the same in what a model sees."""
    told = {}
    for name in pool.kind.fields:
        values = _numbers(pool.records.get(name, ()))
        if not len(values) or np.abs(values).max() <= EXACT:
            continue
        came, kept = len(np.unique(values)), len(np.unique(values.astype(np.float32)))
        if kept < SHARE * came and not _are_dates(pool, name):
            told[name] = f"'{name}' has {came} values, of which a model sees {kept}"
    if not told:
        return None
    advice = (
        "A table keeps about seven digits. Count from a nearer beginning (seconds since the first record), "
        "or leave out what only names a record: the project's `ignored`, data.features"
    )
    message = f"{'; '.join([*told.values()][:5])}. {advice}"
    return Finding("merged numbers", "warning", len(told), message, columns=tuple(told))


def _are_dates(pool: Pool, name: str) -> bool:
    """Whether texts such as 20240131 are no numbers to the kind, which tells them apart."""
    examples = pool.dataset.train.examples
    seen = pool.kind.observe(examples)[name] if name in pool.kind.observed else np.empty(0)
    came = _numbers(pool.column(name)[: len(pool.dataset.train)])
    return len(np.unique(seen)) > len(np.unique(came.astype(np.float32)))


def _numbers(values: object) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The values that are numbers or spell one, as float64; nothing where one is neither."""
    try:
        found = np.array([value for value in values if value is not None and value != ""], np.float64)  # type: ignore[attr-defined]
    except (TypeError, ValueError, OverflowError):
        return np.empty(0)
    return found[np.isfinite(found)] if found.ndim == 1 else np.empty(0)
