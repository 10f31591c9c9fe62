"""A CSV, block by block, from any byte on at which a record begins."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, DataError, InputError, Kind, as_store_error
from omloop.data import TextColumn, plain_numbers
from omloop.loop.serving.batch.block import Block, ReadBlock, Refusal, read_columns
from omloop.loop.serving.batch.csv_records import (
    MOST_BYTES,
    Records,
    has_polars,
    read_header,
    split_plain,
    split_records,
    whole_lines,
)
from omloop.loop.serving.batch.names import require_columns

if TYPE_CHECKING:
    import polars

HEAD_BYTES = 1 << 20
"""The bytes that must hold the header, and that serve to guess the length of a row."""
LEAST_BYTES = 1 << 9
Torn = Sequence[Refusal]


@dataclass(frozen=True)
class CsvFile:
    """Rows of a CSV with a header line. Columns that nobody asked for may be there; blank lines are no rows."""

    name: str
    path: Path
    kind: Kind
    keep: Sequence[str]
    header: Sequence[str]
    first: int
    portion: int
    numbers: frozenset[str]
    has_rows: ClassVar[bool] = True

    @classmethod
    def of(cls, path: Path, name: str, kind: Kind, keep: Sequence[str], rows: int) -> Self:
        """The file, in blocks of about that many rows; raises InputError if it lacks a needed column."""
        with as_store_error("read", path), path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        header, first = read_header(head, path)
        require_columns(path, header, kind.fields, keep)
        lines = max(1, head.count(b"\n", first))
        portion = max(LEAST_BYTES, min(MOST_BYTES, rows * max(1, len(head) - first) // lines))
        return cls(name, path, kind, keep, header, first, portion, _numbers(kind, keep))

    @property
    def kept_types(self) -> Mapping[str, str]:
        """All are texts."""
        return {}

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def blocks(self, begin: int) -> Iterator[Block]:
        """Blocks of whole records. It splits a portion with a quote here, as only that shows where its records end."""
        place, fast = begin or self.first, has_polars()
        with as_store_error("read", self.path), self.path.open("rb") as file:
            file.seek(place)
            buffer, final = b"", False
            while buffer or not final:
                portion = file.read(self.portion)
                final = len(portion) < self.portion
                buffer += portion
                size = len(buffer) if final else whole_lines(buffer)
                if size and fast and b'"' not in buffer:
                    read: Callable[[], ReadBlock] = partial(self._read_plain, buffer[:size])
                else:
                    records = split_records(buffer, width=len(self.header), final=final)
                    read, size = partial(self._read, records), records.size
                if not size and len(buffer) > MOST_BYTES:
                    raise InputError(f"{self.path} has a line of more than {MOST_BYTES:,} bytes behind byte {place:,}")
                if size:
                    place += size
                    buffer = buffer[size:]
                    yield Block(read, place)

    def _read_plain(self, content: bytes) -> ReadBlock:
        """Records without a quote: it reads numbers as such, unless the text of one matters."""
        names = list(dict.fromkeys([*self.kind.fields, *self.keep]))
        for numbers in (self.numbers, frozenset[str]()):
            frame = split_plain(content, self.header, names, numbers)
            columns = None if frame is None else _columns(frame)
            if columns is None:
                continue
            places = np.arange(len(columns[names[0]]))
            if not numbers:
                return self._encoded(columns, places, count=len(places))
            with contextlib.suppress(DataError):
                examples = self.kind.encode({name: columns[name] for name in self.kind.fields})
                return ReadBlock(len(places), examples, places, {name: columns[name] for name in self.keep})
        return self._read(split_records(content, width=len(self.header), final=True))

    def _read(self, records: Records) -> ReadBlock:
        whole = [(place, row) for place, row in enumerate(records.rows) if not isinstance(row, str)]
        torn = [Refusal(place, row) for place, row in enumerate(records.rows) if isinstance(row, str)]
        names = {*self.kind.fields, *self.keep}
        at = {name: self.header.index(name) for name in names}
        columns = {name: _column([row[place] for _, row in whole]) for name, place in at.items()}
        places = np.array([place for place, _ in whole], np.int64)
        return self._encoded(columns, places, count=len(records.rows), torn=torn)

    def _encoded(self, columns: Columns, places: NDArray[np.int64], *, count: int, torn: Torn = ()) -> ReadBlock:
        records = {name: columns[name] for name in self.kind.fields}
        kept = {name: columns[name] for name in self.keep}
        return read_columns(self.kind, records, kept, places, count=count, torn=torn)


def _numbers(kind: Kind, keep: Sequence[str]) -> frozenset[str]:
    """The columns to read as numbers; copied columns keep their text."""
    types = {name: schema.get("type") for name, schema in kind.schema()["properties"].items()}
    plain = {
        name
        for name, found in types.items()
        if {"number", "integer"} & set([found] if isinstance(found, str) else found or ())
    }
    return frozenset(plain - set(keep))


def _columns(frame: polars.DataFrame) -> dict[str, Any] | None:
    """Columns as a kind encodes them; None where the text of a number matters."""
    found = {name: plain_numbers(frame.get_column(name)) for name in frame.columns if frame.schema[name].is_numeric()}
    if any(values is None for values in found.values()):
        return None
    return {name: found[name] if name in found else TextColumn(frame.get_column(name)) for name in frame.columns}


def _column(texts: list[str]) -> Any:
    """Texts; with polars, as a column that it reads many at a time."""
    if not has_polars():
        return texts
    import polars

    return TextColumn(polars.Series(texts, dtype=polars.String))
