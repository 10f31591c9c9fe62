"""Whether records lie in the order of time, as the configuration says or as their times show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omloop.data import time_column

if TYPE_CHECKING:
    from omloop.core import Columns, Dataset, Observed, Part
    from omloop.data import Source

HOW = "Give one with a column of times, or with data.ordered=true where the records lie in the order that they came in"
"""Advice if no order of time is known."""


def with_times(dataset: Dataset, records: Columns, kind: Observed, data: Source) -> Dataset:
    """The dataset with the times of its records, if a column has them, and a note on the effect on drift.

    It leaves existing times of a part unchanged; `data.ordered=false` overrides a column.
    """
    if data.ordered is False or data.source == "simulated":  # what is made up is made one after the other
        return dataset
    found = None if _timed(dataset) else time_column(records)
    if found is not None:
        name, times = found
        train, validation, test = (_at(part, times) for part in (dataset.train, dataset.validation, dataset.test))
        dataset = replace(dataset, train=train, validation=validation, test=test)
        by = f"their column '{name}'" + ("" if data.ordered else "; data.ordered=false denies it")
        return _noted(dataset, f"the records are taken to be in the order of time, by {by}")
    if is_ordered(dataset, data):
        return dataset
    return _noted(dataset, f"{without_order(kind.bucket)}. {HOW}")


def is_ordered(dataset: Dataset, data: Source) -> bool:
    """Whether the dataset's records are in the order of time, or have times for sorting."""
    if data.ordered is not None:
        return data.ordered
    return data.source == "simulated" or _timed(dataset)


def without_order(bucket: int) -> str:
    """The promise on drift without an order of time, in words."""
    from omloop.drift import LEARNED  # of the extra `watch`, which what is missing for a turn is told before

    return (
        f"no order of time is known: in the first {LEARNED * bucket:,} predictions drift rings for absent, unseen and "
        "out-of-range values alone, and is a warning otherwise"
    )


def _timed(dataset: Dataset) -> bool:
    return all(len(part.times) for part in (dataset.train, dataset.validation, dataset.test))


def _at(part: Part, times: NDArray[np.float64]) -> Part:
    return replace(part, times=times[np.asarray(part.rows, np.int64)])


def _noted(dataset: Dataset, note: str) -> Dataset:
    return replace(dataset, notes=(*dataset.notes, note))
