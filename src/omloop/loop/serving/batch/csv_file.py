"""A CSV, block by block, from any byte on at which a record begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, InputError, RecordEncoder, as_store_error
from omloop.data import TextColumn
from omloop.loop.serving.batch.block import Block, ReadBlock, Refusal, read_columns
from omloop.loop.serving.batch.csv_records import (
    MOST_BYTES,
    Records,
    read_header,
    split_plain,
    split_records,
    whole_lines,
)
from omloop.loop.serving.batch.names import require_columns

HEAD_BYTES = 1 << 20
"""In which a header must end, and of which the length of a row is guessed."""
LEAST_BYTES = 1 << 12
Torn = Sequence[Refusal]


@dataclass(frozen=True)
class CsvFile:
    """Rows of a CSV with a header line. Columns that nobody asked for may be there; blank lines are no rows."""

    name: str
    path: Path
    kind: RecordEncoder
    keep: Sequence[str]
    header: Sequence[str]
    first: int
    portion: int
    has_rows: ClassVar[bool] = True

    @classmethod
    def of(cls, path: Path, name: str, kind: RecordEncoder, keep: Sequence[str], rows: int) -> Self:
        """The file, in blocks of about so many rows; raises InputError for one without the columns that are needed."""
        with as_store_error("read", path), path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        header, first = read_header(head, path)
        require_columns(path, header, kind.fields, keep)
        lines = max(1, head.count(b"\n", first))
        portion = max(LEAST_BYTES, min(MOST_BYTES, rows * max(1, len(head) - first) // lines))
        return cls(name, path, kind, keep, header, first, portion)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def blocks(self, begin: int) -> Iterator[Block]:
        """Each of whole records; a portion with a quote is split here, as only that shows where its records end."""
        place, fast = begin or self.first, find_spec("polars") is not None
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
        """Records without a quote."""
        places = sorted({self.header.index(name) for name in (*self.kind.fields, *self.keep)})
        frame = split_plain(content, places, len(self.header))
        if frame is None:
            return self._read(split_records(content, width=len(self.header), final=True))
        columns = {self.header[place]: TextColumn(frame.to_series(at)) for at, place in enumerate(places)}
        return self._encoded(columns, np.arange(frame.height), count=frame.height)

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


def _column(texts: list[str]) -> Any:
    """Texts that are read many at a time where polars is installed."""
    if find_spec("polars") is None:
        return texts
    import polars

    return TextColumn(polars.Series(texts, dtype=polars.String))
