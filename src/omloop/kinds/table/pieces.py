"""A row in pieces, its columns; and rows again from what was observed of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import NumberArray, Pieces
from omloop.kinds.table.column import MOMENTS, Column
from omloop.kinds.table.layout import Encoded, RowBuilder, layout_of, matrix_of
from omloop.kinds.table.moments import SECONDS, derive


def pieces_of_row(
    columns: Sequence[Column], given: Mapping[str, object], example: NDArray[Any], others: NDArray[Any]
) -> Pieces:
    """A row's columns, which hold what is `given`; a column that is left out is that of another row, whole.

    What is derived of a date or a text goes with its column.
    """
    layout = layout_of(columns)
    pool = np.concatenate([example, others])
    owners = np.arange(len(layout.names))
    for index, derived in enumerate(layout.derived):
        owners[derived] = index
    matrix, places = matrix_of(pool), np.arange(len(owners))

    def compose(rows: NDArray[np.integer]) -> NDArray[Any]:
        numbers: NDArray[np.float32] = matrix[rows[:, owners], places]
        if not layout.has_texts:
            return numbers
        made = np.empty(len(rows), layout.example)
        made["row"] = numbers
        for index, text in enumerate(layout.texts):
            if text >= 0:
                made["texts"][:, text] = pool["texts"][rows[:, index], text]
        return made

    names = tuple(column.name for column in columns)
    return Pieces(names, tuple(given[name] for name in names), len(others), compose)


def recall_rows(columns: Sequence[Column], observed: Mapping[str, NumberArray]) -> NDArray[Any] | None:
    """Rows from the number of each column; None where a column is missing, or is of texts, of which no number tells."""
    if not columns or not {column.name for column in columns} <= observed.keys():
        return None
    if layout_of(columns).has_texts:
        return None
    rows = RowBuilder(columns, len(observed[columns[0].name]))
    for index, column in enumerate(columns):
        numbers = np.asarray(observed[column.name], np.float32)
        absent = np.isnan(numbers)
        derived = _derived(column, numbers, absent) if column.type in MOMENTS else None
        rows.put(index, Encoded(numbers, absent, np.zeros(len(numbers), bool), derived))
    return rows.examples


def _derived(column: Column, numbers: NDArray[np.float32], absent: NDArray[np.bool_]) -> NDArray[np.float32]:
    """What is derived of days since 1970; a time of day is as exact as float32 has kept it."""
    whole = np.round(np.where(absent, 0.0, numbers).astype(np.float64) * SECONDS).astype(np.int64)
    derived = derive(whole // SECONDS, whole % SECONDS, times=column.type == "datetime")
    derived[absent] = np.nan
    return derived
