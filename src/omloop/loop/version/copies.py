"""Rows that come again: a copy says nothing that the first has not said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Prediction, Window

AGAIN = 1000
"""How many others must count before a row counts again, so that a fleet scored each day counts each day."""

DISTINCT = 0.95
"""If this many rows of a sample are distinct, it has so many cells that a repeated row is a copy."""


def labelled_once(bundle: Bundle, window: Window) -> Window:
    """The labelled predictions of a window without copies: of equal rows the one stays whose label came first."""
    labelled = [prediction for prediction in window.predictions if prediction.id in window.labels]
    labelled.sort(key=lambda prediction: (window.label_times.get(prediction.id, 0.0), prediction.time))
    kept = {prediction.id for prediction in without_copies(bundle, labelled)}
    return replace(window, predictions=tuple(one for one in window.predictions if one.id in kept))


def without_copies(bundle: Bundle, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
    """The predictions that count, in their order."""
    firsts = first_copies(bundle, predictions).tolist()
    return tuple(one for one, first in zip(predictions, firsts, strict=True) if first)


def first_copies(bundle: Bundle, predictions: Sequence[Prediction]) -> NDArray[np.bool_]:
    """Which predictions count, by `first_of_each` of their inputs; all where rows repeat by themselves. Shape (n,)."""
    rows = [_inputs(prediction) for prediction in predictions]
    return first_of_each(rows if _copies(bundle) else range(len(rows)))


def distinct(bundle: Bundle, predictions: Iterable[Prediction]) -> int:
    """How many predictions there are without copies."""
    found = [_inputs(prediction) for prediction in predictions]
    return len(set(found)) if _copies(bundle) else len(found)


def first_of_each(rows: Sequence[Hashable], again: int = AGAIN) -> NDArray[np.bool_]:
    """Which rows count: those that are not equal to one of the last `again` that counted; the oldest first.

    It looks at the inputs and not at the label, so that the choice does not depend on the error.

    >>> first_of_each(["a", "b", "a", "c", "b"]).tolist(), first_of_each(["a", "b", "a"], again=1).tolist()
    ([True, True, False, True, False], [True, True, True])
    """
    counted: dict[Hashable, int] = {}
    number, chosen = 0, np.zeros(len(rows), np.bool_)
    for place, row in enumerate(rows):
        if number - counted.get(row, -again) >= again:
            counted[row], chosen[place] = number, True
            number += 1
    return chosen


def _copies(bundle: Bundle) -> bool:
    """Whether a row that comes again is a copy: in the sample of the test part hardly any row does."""
    if bundle.sample is None or not bundle.sample.columns:
        return True
    rows = list(zip(*bundle.sample.columns.values(), strict=True))
    return len(set(rows)) >= DISTINCT * len(rows)


def _inputs(prediction: Prediction) -> str:
    """A digest of the recorded inputs; without any, the prediction's own id."""
    if not prediction.inputs:
        return prediction.id
    content = json.dumps(prediction.inputs, sort_keys=True, default=str)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
