"""The input kind `table`: rows of typed columns, as one float32 matrix.

A number is itself, a category is the index of its word, an absent value is NaN. Training and serving see the same
matrix, so there is no second preprocessing to differ; see docs/decisions/0008-a-table-is-one-matrix.md.
"""

import html
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, get_args

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
    Pieces,
    Reader,
    UnknownNameError,
    did_you_mean,
    some,
)
from omloop.kinds.batches import consecutive
from omloop.kinds.defaults import KindDefaults
from omloop.kinds.demand import text_demand
from omloop.kinds.table.column import MOMENTS, NUMBERS, Column, ColumnType, extremes_of, render_cell
from omloop.kinds.table.corrupt import CORRUPTIONS
from omloop.kinds.table.encode import encode_column, is_nested, judge_values, refusals_of
from omloop.kinds.table.fast_rows import row_reader
from omloop.kinds.table.layout import Layout, RowBuilder, layout_of, matrix_of
from omloop.kinds.table.moments import render_moments
from omloop.kinds.table.pieces import pieces_of_row, recall_rows
from omloop.kinds.table.redraw import redraw
from omloop.kinds.table.wire import TableBody
from omloop.kinds.table.words import PROJECTIONS, project_words

OBSERVED = "observed"
TOGETHER = "numbers together"


class Table(KindDefaults, msgspec.Struct, frozen=True):
    """Rows of typed columns. An example is one float32 row, in the order of `columns`; see `places`.

    With a text column it is a record of such a `row` and of the `texts`; `matrix` gives the rows of all examples.

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
        for name, count in counts.items():
            if name in self.refused:
                raise ConfigError(f"The column '{name}' is both declared and refused. Remove one.")
            if count > 1:
                places = [str(place) for place, one in enumerate(self.fields, start=1) if one == name]
                raise ConfigError(f"The column '{name}' is declared twice, in places {some(places)}. Remove one.")
        derived = Counter([*self.places, *(name for column in self.columns for name in _vocabulary(column))])
        if twice := next((name for name, count in derived.items() if count > 1), ""):
            raise ConfigError(f"The column '{twice}' is called as a number that another column gives. Rename it.")

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def indices(self, *types: str) -> list[int]:
        """Positions of the columns of the given types, for a `ColumnTransformer` or a slice of the matrix."""
        return [index for index, column in enumerate(self.columns) if column.type in types]

    @property
    def places(self) -> tuple[str, ...]:
        """The names of all places of a row: the columns, and behind them what is derived of dates and texts."""
        return self._layout.names

    def select(self, names: Sequence[str]) -> "Table":
        """The same table with only the columns called `names`, in the order given; raises UnknownNameError."""
        by_name = {column.name: column for column in self.columns}
        for name in names:
            if name not in by_name:
                raise UnknownNameError("column", name, self.fields)
        return Table(tuple(by_name[name] for name in names), self.refused, self.keep)

    def encode(self, columns: Columns) -> ExampleArray:
        """Turn raw record columns, texts or numbers, into rows; shape (n, places), or (n,) with a text column.

        None, an empty text, and NaN in an array of numbers are absent values. Raises DataError that lists the first bad
        value of every bad column.
        """
        rows, problems = RowBuilder(self.columns, self._count(columns)), []
        for index, column in enumerate(self.columns):
            encoded, bad = encode_column(column, columns[column.name], text=True)
            rows.put(index, encoded)
            problems += bad
        if problems:
            raise DataError("; ".join(f"column '{p.name}', record {p.row + 1}: {p.reason}" for p in problems) + ".")
        return rows.examples

    def bad_rows(self, columns: Columns) -> NDArray[np.bool_]:
        """Which records have at least one value that is not accepted; shape (n,)."""
        bad = np.zeros(self._count(columns), bool)
        for column in self.columns:
            bad |= judge_values(column, columns[column.name], text=True).bad
        return bad

    def refusals(self, columns: Columns) -> dict[int, str]:
        """What is wrong with each such record: all its bad values, each behind the name of its column."""
        self._count(columns)
        return refusals_of(self.columns, columns)

    def parse(self, rows: Sequence[object]) -> ExampleArray:
        """Turn decoded JSON objects into rows; raises InputError that names the bad fields."""
        return self._body.parse(rows)

    def read(self, content: bytes, media_type: str) -> ExampleArray:
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
        rendered = [self._rendered(index, examples) for index in range(len(self.columns))]
        rows = zip(*rendered, strict=True) if rendered else [()] * len(examples)
        return [dict(zip(self.fields, values, strict=True)) for values in rows]

    def preview(self, examples: ExampleArray) -> list[str]:
        """Each row as a piece of HTML, a list of its columns with units; texts are escaped."""
        units = {column.name: f" {column.unit}" if column.unit else "" for column in self.columns}
        rows = self.render(examples)
        return [f"<dl>{''.join(_item(name, value, units[name]) for name, value in row.items())}</dl>" for row in rows]

    @property
    def dates(self) -> frozenset[str]:
        """The columns of dates and datetimes."""
        return frozenset(self.fields[index] for index in self.indices(*MOMENTS))

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

    def redrawn(self, columns: Columns, moved: NDArray[np.bool_], seed: int) -> Columns:
        """Raw columns drawn again; see `omloop.kinds.table.redraw`."""
        return {**columns, **redraw(self.columns, columns, moved, np.random.default_rng(seed))}

    def feeds(self, examples: ExampleArray) -> dict[str, NDArray[np.generic]]:
        """The graph's one input, `rows`, float32 of shape (n, places)."""
        return {"rows": self.matrix(examples)}

    def batches(self, examples: ExampleArray, most: int) -> list[NDArray[np.int64]]:
        """As they come: all examples are of one size."""
        return consecutive(len(examples), most)

    def matrix(self, examples: ExampleArray) -> NDArray[np.float32]:
        """The rows themselves: what stands where, `places` tells."""
        return np.ascontiguousarray(matrix_of(examples)) if examples.dtype.names else np.asarray(examples, np.float32)

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
        values = {name: np.full(len(records), np.nan) for name in self.observed}
        found = self.observe(self.parse([records[index] for index in kept]))
        for name, column in values.items():
            column[kept] = found[name]
            column[observed] = [_or_nan(records[index][OBSERVED].get(name)) for index in observed]
        return dict(values)

    def shuffled(self, examples: ExampleArray, seed: int) -> Iterator[tuple[str, ExampleArray]]:
        """Each column's name with a copy of the rows in which it is shuffled."""
        draw = np.random.default_rng(seed)
        for index, name in enumerate(self.fields):
            copy: NDArray[Any] = examples.copy()
            order = draw.permutation(len(examples))
            rows = matrix_of(copy)
            for places in (index, self._layout.derived[index]):
                rows[:, places] = rows[order, places]
            if (text := self._layout.texts[index]) >= 0:
                copy["texts"][:, text] = copy["texts"][order, text]
            yield name, copy

    def recalled(self, observed: Mapping[str, NumberArray]) -> NDArray[Any] | None:
        """The rows; None with a text column, whose words no number tells."""
        return recall_rows(self.columns, observed)

    def pieces(self, example: ExampleArray, others: ExampleArray) -> Pieces | None:
        """The columns of a row; see `omloop.kinds.table.pieces`."""
        return pieces_of_row(self.columns, self.render(example)[0], example, others) if self.columns else None

    def observe(self, examples: NDArray[Any]) -> dict[str, NumberArray]:
        """Every column's own number, as in a row, and which words a text has, in eight numbers."""
        rows, observed = matrix_of(examples), dict[str, NumberArray]()
        for index, column in enumerate(self.columns):
            observed[column.name] = rows[:, index]
            if column.type == "text":
                words = project_words(rows[:, self._layout.derived[index]])
                observed |= dict(zip(_vocabulary(column), words.T, strict=True))
        return observed

    @property
    def observed(self) -> Mapping[str, tuple[str, ...]]:
        """The names of what is observed, and the words of a category and of a boolean, none for a number."""
        observed: dict[str, tuple[str, ...]] = {}
        for column in self.columns:
            observed[column.name] = ("false", "true") if column.type == "boolean" else column.words
            observed |= dict.fromkeys(_vocabulary(column), ())
        return observed

    @property
    def together(self) -> Mapping[str, tuple[str, ...]]:
        """All numbers: that two no longer go together shows in none of them alone. And the words of each text."""
        numbers, title = tuple(self.fields[index] for index in self.indices(*NUMBERS, *MOMENTS)), TOGETHER
        while title in self.fields:
            title += "_"
        texts = {f"{column.name}: vocabulary": _vocabulary(column) for column in self.columns if column.type == "text"}
        return ({title: numbers} if len(numbers) > 1 else {}) | texts

    @property
    def bucket(self) -> int:
        """Two hundred and fifty rows: with fewer, a column of 16 cells shows little."""
        return 250

    def edges(self) -> ExampleArray:
        """Rows at the limits: all low, all high, and each column at each extreme with the others in the middle."""
        extremes = [extremes_of(column) for column in self.columns]
        counts = np.array([len(values) for values in extremes], np.intp)
        varied = np.repeat(np.arange(len(counts)), counts)
        chosen = np.tile(counts // 2, (3 + len(varied), 1))  # which extreme of each column a row has
        chosen[1], chosen[2] = 0, counts - 1
        chosen[3 + np.arange(len(varied)), varied] = np.concatenate([np.arange(count) for count in [*counts, 0]])
        rows = RowBuilder(self.columns, len(chosen))
        for index, (column, values) in enumerate(zip(self.columns, extremes, strict=True)):
            rows.put(index, judge_values(column, values, text=False).take(chosen[:, index]))
        return rows.examples

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
        types = {"missing": get_args(ColumnType), "unseen": ("category",)}.get(name, NUMBERS)
        return [self.fields[index] for index in self.indices(*types)]

    @property
    def _layout(self) -> Layout:
        return layout_of(self.columns)

    def _rendered(self, index: int, examples: NDArray[Any]) -> list[Any]:
        """One column's values as JSON has them."""
        column, rows = self.columns[index], matrix_of(examples)
        if column.type == "text":
            texts: list[Any] = examples["texts"][:, self._layout.texts[index]].tolist()
            return texts
        if column.type in MOMENTS:
            return render_moments(rows[:, self._layout.derived[index]])
        return [render_cell(column, value) for value in rows[:, index]]

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
    words = "missing" if value is None else f"{str(value).lower() if isinstance(value, bool) else value}{unit}"
    return f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd></div>"


def _only_observed(record: Mapping[str, object]) -> bool:
    """Whether the log kept what was observed of a row, not the row: no value of a row is an object."""
    return isinstance(record.get(OBSERVED), Mapping)


def _vocabulary(column: Column) -> tuple[str, ...]:
    """What is observed of a text beside the number of its words."""
    return tuple(f"{column.name}: vocabulary {n + 1}" for n in range(PROJECTIONS)) if column.type == "text" else ()


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
