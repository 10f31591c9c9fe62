"""Requests for rows of a table: JSON objects or lines of CSV, and all that is wrong with them, by row and column."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from omloop.core import MOST_FAULTS, ExampleArray, InputError, did_you_mean, some
from omloop.kinds.csv_body import csv_lines
from omloop.kinds.faults import RowFaults
from omloop.kinds.json_body import read_rows
from omloop.kinds.table.column import Column
from omloop.kinds.table.encode import judge_values, reason_of
from omloop.kinds.table.layout import RowBuilder

_MOST_LOOKED_AT = 10_000
"""After this many rows of a request with a fault among them, it looks for no more faults: that takes time."""


class TableBody(NamedTuple):
    """What a body may hold: rows of `columns`; `refused` maps other names to the reason why."""

    columns: Sequence[Column]
    refused: Mapping[str, str]
    media_types: Sequence[str]

    def read(self, content: bytes, media_type: str) -> ExampleArray:
        """A body's rows; raises InputError for one of another form, or without a row."""
        plain = media_type.partition(";")[0].strip().lower()
        if plain == "text/csv":
            return self._read_csv(content)
        if plain != "application/json":
            raise InputError(f"cannot read '{media_type}'; send {' or '.join(self.media_types)}")
        return self.parse(read_rows(content))

    def parse(self, rows: Sequence[object]) -> ExampleArray:
        """Decoded JSON objects as rows; raises InputError that names the bad fields."""
        known, faults = set(self._names), RowFaults()
        objects: list[Mapping[object, object]] = []
        whole: list[bool] = []
        needed, lacks = {column.name for column in self.columns if not column.missing}, False
        for index, row in enumerate(rows):
            if index >= _MOST_LOOKED_AT and (faults or lacks):
                break
            whole.append(isinstance(row, Mapping))
            objects.append(row if isinstance(row, Mapping) else {})
            if not whole[-1]:
                faults.add(index, "", "must be an object with one value a column")
            elif objects[-1].keys() != known:
                self._explain_names(objects[-1], index, faults)
                lacks = lacks or not needed <= objects[-1].keys()
        columns = {name: [row.get(name) for row in objects] for name in known}
        return self._matrix(columns, whole, faults, text=False, left_out=lambda row, name: name not in objects[row])

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def _read_csv(self, content: bytes) -> ExampleArray:
        try:
            lines = csv_lines(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise InputError(f"the CSV is not UTF-8 (byte {error.start}); save it as UTF-8") from error
        header, rows, faults = lines[0], lines[1:], RowFaults()
        if len(set(header)) != len(header):
            twice = next(name for name in header if header.count(name) > 1)
            at = some([str(place) for place, name in enumerate(header, start=1) if name == twice])
            raise InputError(f"the CSV's header names the column '{twice:.80}' twice, in fields {at}; remove one")
        if set(header) != set(self._names):
            self._explain_names(dict.fromkeys(header), 0, faults)
            for column in self.columns:
                if column.name not in header:
                    faults.add(0, column.name, f"is missing; send {column.accepts}")
            faults.require_none()
        whole = [len(line) == len(header) for line in rows]
        for index, line in enumerate(rows):
            if not whole[index]:
                faults.add(index, "", f"has {len(line)} fields, the header has {len(header)}")
                rows[index] = [""] * len(header)
        columns = {name: [line[i] for line in rows] for i, name in enumerate(header)}
        return self._matrix(columns, whole, faults, text=True, left_out=lambda row, name: False)

    def _matrix(
        self,
        columns: Mapping[str, Sequence[object]],
        whole: Sequence[bool],
        faults: RowFaults,
        *,
        text: bool,
        left_out: Callable[[int, str], bool],
    ) -> ExampleArray:
        """The rows; raises InputError with `faults` and the values of `whole` rows."""
        rows = RowBuilder(self.columns, len(whole))
        absent, bad = (np.empty((len(whole), len(self.columns)), bool) for _ in range(2))
        for index, column in enumerate(self.columns):
            encoded = judge_values(column, columns[column.name], text=text)
            absent[:, index], bad[:, index] = encoded.absent, encoded.bad
            rows.put(index, encoded)
        bad &= np.array(whole, bool)[:, None]
        found = np.argwhere(bad)
        for number, (row, index) in enumerate(found[:MOST_FAULTS].tolist()):
            column = self.columns[index]
            given = columns[column.name][row]
            missing = left_out(row, column.name)
            reason = f"is missing; send {column.accepts}" if missing else reason_of(column, given, absent[row, index])
            others = len(found) - MOST_FAULTS if number == MOST_FAULTS - 1 else 0
            faults.add(row, column.name, reason, count=1 + others)
        faults.require_none()
        return rows.examples

    def _explain_names(self, row: Mapping[object, object], index: int, faults: RowFaults) -> None:
        """Add each unknown name. A row may leave out values that may be absent; `_matrix` finds the rest."""
        known = set(self._names)
        for name in row:
            if name not in known:
                faults.add(index, f"{name!s:.80}", partial(self._unknown, str(name), row))

    def _unknown(self, name: str, row: Mapping[object, object]) -> str:
        if name in self.refused:
            return f"is not a feature: {self.refused[name]}"
        return f"is not a column of this model.{did_you_mean(name, [one for one in self._names if one not in row])}"
