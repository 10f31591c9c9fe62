"""The input kind `table`: rows of typed columns, as one float32 matrix.

A number is itself, a category is the index of its word, an absent value is NaN. Training and serving see the same
matrix, so there is no second preprocessing to differ; see docs/decisions/0008-a-table-is-one-matrix.md.
"""

import html
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    Columns,
    ConfigError,
    DataError,
    Demand,
    ExampleArray,
    NumberArray,
    Reader,
    UnknownNameError,
    did_you_mean,
    some,
)
from omloop.kinds.batches import consecutive
from omloop.kinds.defaults import KindDefaults
from omloop.kinds.demand import text_demand
from omloop.kinds.table.column import Column, extremes_of, render_cell
from omloop.kinds.table.corrupt import CORRUPTIONS
from omloop.kinds.table.encode import encode_column, is_nested, judge_values
from omloop.kinds.table.fast_rows import row_reader
from omloop.kinds.table.wire import TableBody

OBSERVED = "observed"
TOGETHER = "numbers together"


class Table(KindDefaults, msgspec.Struct, frozen=True):
    """Rows of typed columns. An example is one float32 row, in the order of `columns`.

    `refused` maps names that must not be sent to the reason why, which a client is told. `keep` says whether the
    prediction log keeps rows as they came, to be learned from again, or only what is observed of them: each column's
    number, by itself.

    >>> table = Table((Column("age", "integer", low=14, high=24), Column("sex", "category", categories=("f", "m"))))
    >>> table.parse([{"age": 19, "sex": "m"}])
    array([[19.,  1.]], dtype=float32)
    >>> table.parse([{"age": 19, "sex": "x"}])
    Traceback (most recent call last):
    ...
    omloop.InputError: rows[0].sex: 'x' is not accepted; send one of 'f', 'm'
    """

    columns: tuple[Column, ...]
    refused: dict[str, str] = {}
    keep: bool = True

    def __post_init__(self) -> None:
        counts = Counter(self.fields)
        repeated = sorted(name for name, count in counts.items() if count > 1 or name in self.refused)
        if repeated:
            raise ConfigError(f"These columns are declared twice, or both declared and refused: {some(repeated)}.")

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def indices(self, *types: str) -> list[int]:
        """Positions of the columns of the given types, for a `ColumnTransformer` or a slice of the matrix."""
        return [index for index, column in enumerate(self.columns) if column.type in types]

    def select(self, names: Sequence[str]) -> "Table":
        """The same table with only the columns called `names`, in the order given; raises UnknownNameError."""
        by_name = {column.name: column for column in self.columns}
        for name in names:
            if name not in by_name:
                raise UnknownNameError("column", name, self.fields)
        return Table(tuple(by_name[name] for name in names), self.refused, self.keep)

    def encode(self, columns: Columns) -> NDArray[np.float32]:
        """Turn raw record columns, texts or numbers, into rows; shape (n, columns).

        None, an empty text, and NaN in an array of numbers are absent values. Raises DataError that lists the first bad
        value of every bad column.
        """
        matrix = np.empty((self._count(columns), len(self.columns)), np.float32)
        problems = []
        for index, column in enumerate(self.columns):
            matrix[:, index], bad = encode_column(column, columns[column.name], text=True)
            problems += bad
        if problems:
            raise DataError("; ".join(f"column '{p.name}', record {p.row + 1}: {p.reason}" for p in problems) + ".")
        return matrix

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records have at least one value that is not accepted; shape (n,)."""
        bad = np.zeros(self._count(columns), bool)
        for column in self.columns:
            bad |= judge_values(column, columns[column.name], text=True)[2]
        return bad

    def parse(self, rows: Sequence[object]) -> NDArray[np.float32]:
        """Turn decoded JSON objects into rows; raises InputError that names the bad fields."""
        return self._body.parse(rows)

    def read(self, content: bytes, media_type: str) -> NDArray[np.float32]:
        """Turn a request's body into rows: JSON `{"rows": [{...}, ...]}`, or CSV with a header line.

        Raises InputError for a body that is neither, or that holds no row.
        """
        return self._body.read(content, media_type)

    def reader(self) -> Reader:
        """A typed decoder of JSON rows; see `omloop.kinds.table.fast_rows`."""
        return row_reader(self.columns, self.read, keep=self.keep)

    def demand(self, content: bytes, media_type: str) -> Demand:
        """So many rows, and so many bytes of text."""
        return text_demand(content, media_type)

    @property
    def media_types(self) -> tuple[str, ...]:
        """Content types that `read` understands."""
        return ("application/json", "text/csv")

    def render(self, examples: ExampleArray) -> list[dict[str, object]]:
        """Turn rows back into JSON objects; `parse` of the result gives the same rows."""
        rendered = [[render_cell(column, value) for value in examples[:, i]] for i, column in enumerate(self.columns)]
        rows = zip(*rendered, strict=True) if rendered else [()] * len(examples)
        return [dict(zip(self.fields, values, strict=True)) for values in rows]

    def preview(self, examples: ExampleArray) -> list[str]:
        """Each row as a piece of HTML, a list of its columns with units; texts are escaped."""
        units = {column.name: f" {column.unit}" if column.unit else "" for column in self.columns}
        rows = self.render(examples)
        return [f"<dl>{''.join(_item(name, value, units[name]) for name, value in row.items())}</dl>" for row in rows]

    @property
    def corruptions(self) -> tuple[str, ...]:
        """`missing`, for numbers also `noise`, `units` and `swapped`, for categories `unseen`."""
        return tuple(name for name in CORRUPTIONS if self._corruptible(name))

    def corrupted(self, columns: Columns, name: str, strength: float, seed: int) -> Columns:
        """Raw columns of which some went wrong; see `omloop.kinds.table.corrupt`. Raises UnknownNameError."""
        if name not in self.corruptions:
            raise UnknownNameError("corruption", name, self.corruptions)
        chosen = {field: list(columns[field]) for field in self._corruptible(name)}
        return {**columns, **CORRUPTIONS[name](chosen, strength, np.random.default_rng(seed))}

    def feeds(self, examples: ExampleArray) -> dict[str, NDArray[np.generic]]:
        """The graph's one input, `rows`, float32 of shape (n, columns)."""
        return {"rows": examples}

    def batches(self, examples: ExampleArray, most: int) -> list[NDArray[np.int64]]:
        """As they come: all examples are of one size."""
        return consecutive(len(examples), most)

    def matrix(self, examples: ExampleArray) -> NDArray[np.float32]:
        """The rows themselves."""
        return np.asarray(examples, np.float32)

    def keeping(self, keep: bool) -> Self:
        """The same kind, keeping rows in the prediction log or not."""
        return msgspec.structs.replace(self, keep=keep)

    def record(self, examples: ExampleArray) -> list[dict[str, object]]:
        """The rows as JSON objects, or with `keep=False` what is observed of them, under the one name `observed`."""
        if self.keep:
            return self.render(examples)
        observed = {
            name: [_or_none(value) for value in values.tolist()] for name, values in self.observe(examples).items()
        }
        rows = zip(*observed.values(), strict=True) if observed else [()] * len(examples)
        return [{OBSERVED: dict(zip(observed, row, strict=True))} for row in rows]

    def replay(self, record: Mapping[str, object]) -> Mapping[str, object] | None:
        """The row itself, if it was kept and holds every column."""
        return record if record.keys() >= set(self.fields) and not _only_observed(record) else None

    def recall(self, records: Sequence[Mapping[str, Any]]) -> dict[str, NumberArray]:
        """Every column's values, as `observe` gave them, whether rows were kept or only what was observed of them."""
        kept = [index for index, record in enumerate(records) if not _only_observed(record)]
        observed = [index for index, record in enumerate(records) if _only_observed(record)]
        rows = np.empty((len(records), len(self.columns)), np.float32)
        rows[kept] = self.parse([records[index] for index in kept])
        for index in observed:
            found = records[index][OBSERVED]
            rows[index] = [np.nan if found.get(name) is None else found[name] for name in self.fields]
        return self.observe(rows)

    def shuffled(self, examples: ExampleArray, seed: int) -> Iterator[tuple[str, ExampleArray]]:
        """Each column's name with a copy of the rows in which it is shuffled."""
        draw = np.random.default_rng(seed)
        for index, name in enumerate(self.fields):
            copy = examples.copy()
            copy[:, index] = draw.permutation(copy[:, index])
            yield name, copy

    def observe(self, examples: NDArray[Any]) -> dict[str, NumberArray]:
        """Every column's values; a category is the index of its word, an absent value NaN."""
        return {column.name: examples[:, index] for index, column in enumerate(self.columns)}

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """Every column's name and its words, none for a number."""
        return {column.name: column.words for column in self.columns}

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """All numbers: that two no longer go together shows in none of them alone."""
        numbers, title = tuple(column.name for column in self.columns if column.type != "category"), TOGETHER
        while title in self.fields:
            title += "_"
        return {title: numbers} if len(numbers) > 1 else {}

    @property
    def bucket(self) -> int:
        """Two hundred and fifty rows: with fewer, a column of 16 cells shows little."""
        return 250

    def edges(self) -> NDArray[np.float32]:
        """Rows at the limits: all low, all high, and each column at each extreme with the others in the middle."""
        extremes = [extremes_of(column) for column in self.columns]
        middle = np.array([values[len(values) // 2] for values in extremes], np.float32)
        rows = [middle, *(np.array([values[end] for values in extremes], np.float32) for end in (0, -1))]
        for index, values in enumerate(extremes):
            for value in values:
                row = middle.copy()
                row[index] = value
                rows.append(row)
        return np.array(rows, np.float32)

    def schema(self) -> dict[str, Any]:
        """JSON schema of one row."""
        properties = {column.name: column.schema() for column in self.columns}
        return {
            "type": "object",
            "properties": properties,
            "required": [column.name for column in self.columns if not column.missing],
            "additionalProperties": False,
        }

    def describe(self) -> dict[str, object]:
        """The table as a JSON value, for a manifest."""
        described: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        return {"kind": "table"} | described

    @classmethod
    def restore(cls, described: Mapping[str, object], files: Mapping[str, bytes]) -> Self:
        """The table that `describe` described."""
        return msgspec.convert({key: value for key, value in described.items() if key != "kind"}, cls)

    @property
    def _body(self) -> TableBody:
        return TableBody(self.columns, self.refused, self.media_types)

    def _corruptible(self, name: str) -> list[str]:
        """Names of the columns that a corruption can harm."""
        types = {"missing": ("number", "integer", "category"), "unseen": ("category",)}.get(name, ("number", "integer"))
        return [self.fields[index] for index in self.indices(*types)]

    def _count(self, columns: Columns) -> int:
        """How many records there are; raises DataError unless every column is there, and all are of one length."""
        absent = [name for name in self.fields if name not in columns]
        if absent:
            raise DataError(f"These columns are missing: {some(absent)}.{did_you_mean(absent[0], columns)}")
        if nested := next((name for name in self.fields if is_nested(columns[name])), ""):
            raise DataError(
                f"The column '{nested}' holds lists or objects, and a table takes one value a field. "
                "Give each of their parts a column of its own, or name it in the project's `ignored`."
            )
        counts = {name: len(columns[name]) for name in self.fields or columns}
        if len(set(counts.values())) > 1:
            told = some([f"{name} {count}" for name, count in counts.items()])
            raise DataError(f"The columns must have as many values as each other, but they have: {told}.")
        return next(iter(counts.values()), 0)


def _item(name: str, value: object, unit: str) -> str:
    words = "missing" if value is None else f"{value}{unit}"
    return f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd></div>"


def _only_observed(record: Mapping[str, object]) -> bool:
    """Whether the log kept what was observed of a row, not the row: no value of a row is an object."""
    return isinstance(record.get(OBSERVED), Mapping)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
