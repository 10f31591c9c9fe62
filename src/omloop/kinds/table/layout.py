"""Where the numbers of each column stand in a row, and examples of a table in the making, column by column.

A row begins with one place a column, in the columns' order. The derived ones follow: the parts of a date, the hashed
words of a text. A table with a text column also keeps the texts, beside the row.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omloop.core import memoise
from omloop.kinds.table.column import Column
from omloop.kinds.table.moments import OF_A_DATE, OF_A_TIME


class Encoded(NamedTuple):
    """The values of one column: the numbers at its own place, float32 of shape (n,), which are absent and which bad.

    Where `bad`, the number is 0. `derived` is what stands behind, float32 of shape (n, k), and `texts` are the texts
    themselves; both are None for a column without.
    """

    numbers: NDArray[np.float32]
    absent: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    derived: NDArray[np.float32] | None = None
    texts: NDArray[np.object_] | None = None

    def take(self, rows: NDArray[np.intp]) -> "Encoded":
        """The values of such rows."""
        return Encoded(*(None if part is None else part[rows] for part in self))  # type: ignore[arg-type]


class Layout(NamedTuple):
    """The names of all places. For each column, its derived places and the number of its texts, or -1."""

    names: tuple[str, ...]
    derived: tuple[slice, ...]
    texts: tuple[int, ...]

    @property
    def example(self) -> np.dtype[np.void]:
        """What an example of a table with texts is; of another one it is the row."""
        fields = [("row", np.float32, (len(self.names),)), ("texts", object, (max(self.texts) + 1,))]
        return np.dtype(fields, align=True)

    @property
    def has_texts(self) -> bool:
        """Whether examples keep texts beside the row."""
        return max(self.texts, default=-1) >= 0


@memoise
def layout_of(columns: Sequence[Column]) -> Layout:
    """The layout of a table's rows."""
    names = [column.name for column in columns]
    derived: list[slice] = []
    texts: list[int] = []
    for column in columns:
        start = len(names)
        names += [f"{column.name}: {part}" for part in derived_of(column)]
        derived.append(slice(start, len(names)))
        texts.append(max(texts, default=-1) + 1 if column.type == "text" else -1)
    return Layout(tuple(names), tuple(derived), tuple(texts))


def derived_of(column: Column) -> tuple[str, ...]:
    """The values derived from a column, by name."""
    if column.type == "text":
        return tuple(f"words {number}" for number in range(column.size))
    return {"date": OF_A_DATE, "datetime": (*OF_A_DATE, *OF_A_TIME)}.get(column.type, ())


class RowBuilder:
    """A number of examples of a table, in the making."""

    def __init__(self, columns: Sequence[Column], count: int) -> None:
        self.layout = layout_of(columns)
        self.examples: NDArray[Any] = (
            np.empty(count, self.layout.example)
            if self.layout.has_texts
            else np.empty((count, len(self.layout.names)), np.float32)
        )
        self._rows = matrix_of(self.examples)

    def put(self, index: int, encoded: Encoded) -> None:
        """Take the values of the column at `index`."""
        self._rows[:, index] = encoded.numbers
        if encoded.derived is not None:
            self._rows[:, self.layout.derived[index]] = encoded.derived
        if encoded.texts is not None:
            self.examples["texts"][:, self.layout.texts[index]] = encoded.texts

    def put_numbers(self, indices: Sequence[int], numbers: NDArray[np.float32]) -> None:
        """Take the numbers of several columns that have nothing derived, of shape (columns, n)."""
        self._rows[:, indices] = numbers.T


def matrix_of(examples: NDArray[Any]) -> NDArray[np.float32]:
    """The rows of examples, float32 of shape (n, places)."""
    rows: NDArray[np.float32] = examples["row"] if examples.dtype.names else examples
    return rows
