"""How much each record counts in training, where the project names a column that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, Project, did_you_mean


def record_weights(project: Project, records: Columns) -> NDArray[np.float64]:
    """The weight of each record, shape (n,); empty where the project names no column of weights.

    Raises DataError where there is no such column, for a weight that is missing, no number or negative, and where none
    is above 0.
    """
    if project.weight is None:
        return np.empty(0)
    if project.weight not in records:
        near = did_you_mean(project.weight, records)
        raise DataError(f"The column of weights '{project.weight}' is missing.{near}")
    weights = _numbers(records[project.weight])
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        given = records[project.weight][row]
        told = "is missing" if given is None or str(given).strip() == "" else f"is {given!r}"
        raise DataError(
            f"column '{project.weight}', record {row + 1}: the weight {told}. Give each record a number of at least 0, "
            "or leave the project's `weight` out."
        )
    if not weights.any():
        raise DataError(f"The column of weights '{project.weight}' is 0 everywhere. Give some record more.")
    return weights


def _numbers(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:
    """Values as numbers; NaN for what is none."""
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return np.array([_number(value) for value in values])


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan
