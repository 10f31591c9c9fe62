"""A network's view of an example, as a few numbers: it shows drift that no pixel and no word count shows.

A packaged network may have a second output, its `COORDINATES`: float32 of shape (n, dimensions). They are the first
principal coordinates of the last layer's inputs, centred on the training examples, each with a deviation of 1 there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray

COORDINATES = "coordinates"
"""The name of the graph's second output."""
RECORDED = "embedding"
"""The name under which the prediction log keeps an example's coordinates."""
_DIGITS = 4
"""Decimals that the log keeps of a coordinate: more make every record longer."""


def embedding_names(dimensions: int) -> tuple[str, ...]:
    """The observed columns of that many coordinates.

    >>> embedding_names(2)
    ('embedding_1', 'embedding_2')
    """
    return tuple(f"embedding_{number}" for number in range(1, dimensions + 1))


def observe_embedding(coordinates: NumberArray | None) -> dict[str, NumberArray]:
    """Coordinates of shape (n, dimensions) by column, as the log has them; nothing for a model without any."""
    if coordinates is None:
        return {}
    return dict(zip(embedding_names(coordinates.shape[1]), _rounded(coordinates).T, strict=True))


def record_embedding(coordinates: NumberArray | None, rows: int) -> list[dict[str, object]]:
    """What the prediction log keeps of each example, beside the answer."""
    if coordinates is None:
        return [{}] * rows
    return [{RECORDED: row} for row in _rounded(coordinates).tolist()]


def recall_embedding(recorded: Sequence[Mapping[str, object]], columns: Collection[str]) -> dict[str, NumberArray]:
    """The coordinates among the observed columns of recorded answers; NaN for an answer without any."""
    dimensions = sum(name in columns for name in embedding_names(len(columns)))
    if not dimensions:
        return {}
    absent = [np.nan] * dimensions
    rows = [answer.get(RECORDED, absent) for answer in recorded]
    return dict(zip(embedding_names(dimensions), np.array(rows, np.float64).reshape(-1, dimensions).T, strict=True))


def _rounded(coordinates: NumberArray) -> NDArray[np.float64]:
    rounded: NDArray[np.float64] = np.asarray(coordinates, np.float64).round(_DIGITS)
    return rounded
