"""A Parquet file, block by block, from any row on; a column comes as training reads it from such a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from omloop.core import RecordEncoder, SourceError, explain_missing, first_line
from omloop.data import TextColumn
from omloop.loop.serving.batch.block import Block, ReadBlock, read_columns
from omloop.loop.serving.batch.names import require_columns

if TYPE_CHECKING:
    import polars

MOST_BYTES = 8 << 20
"""Of a block, as it lies in the file: several times as much in memory."""
LEAST_ROWS = 64
TOGETHER = 2
"""How many blocks to read at once."""


@dataclass(frozen=True)
class ParquetFile:
    """Rows of a Parquet file. It does not read other columns."""

    name: str
    path: Path
    kind: RecordEncoder
    keep: Sequence[str]
    size: int
    rows: int
    kept_types: Mapping[str, str]
    has_rows: ClassVar[bool] = True

    @classmethod
    def of(cls, path: Path, name: str, kind: RecordEncoder, keep: Sequence[str], rows: int) -> Self:
        """The file, in blocks of that many rows; raises InputError if it lacks a needed column."""
        with explain_missing("Reading Parquet"):
            import polars
        try:
            scan = polars.scan_parquet(path, glob=False)
            schema = scan.collect_schema()
            size = int(scan.select(polars.len()).collect().item())
        except (polars.exceptions.PolarsError, OSError) as error:
            raise SourceError(
                f"{path} cannot be read as Parquet: {first_line(error)}. Fetch or write it again."
            ) from error
        require_columns(path, schema.names(), kind.fields, keep)
        types = {column: str(schema[column]) for column in keep if schema[column] != polars.String}
        most = MOST_BYTES * max(1, size) // max(1, path.stat().st_size)
        return cls(name, path, kind, keep, size, min(rows, max(LEAST_ROWS, most)), types)

    def blocks(self, begin: int) -> Iterator[Block]:
        """Each of `rows` rows, the last of the rest. It reads some together: pages of the file are longer than one."""
        for start in range(begin, self.size, self.rows * TOGETHER):
            frame = self._frame(start, self.rows * TOGETHER)
            for place in range(0, frame.height, self.rows):
                some = frame.slice(place, self.rows)
                yield Block(partial(self._read, some), start + place + some.height)

    def _frame(self, begin: int, rows: int) -> polars.DataFrame:
        import polars

        names = list(dict.fromkeys([*self.kind.fields, *self.keep]))
        try:
            return polars.scan_parquet(self.path, glob=False).select(names).slice(begin, rows).collect()
        except (polars.exceptions.PolarsError, OSError) as error:
            raise SourceError(f"{self.path} cannot be read behind row {begin:,}: {first_line(error)}.") from error

    def _read(self, frame: polars.DataFrame) -> ReadBlock:
        records = {name: _values(frame.get_column(name)) for name in self.kind.fields}
        kept = {name: frame.get_column(name) for name in self.keep}
        return read_columns(self.kind, records, kept, np.arange(frame.height), count=frame.height)


def _values(column: polars.Series) -> Any:
    """What a kind encodes: texts, an array of numbers, or a list of anything else; NaN is an absent value."""
    import polars

    dtype = column.dtype
    if isinstance(dtype, polars.Categorical | polars.Enum):
        column, dtype = column.cast(polars.String), polars.String()
    if dtype == polars.String:
        return TextColumn(column)
    if dtype.is_decimal():
        column, dtype = column.cast(polars.Float64), polars.Float64()
    if dtype.is_float() or (dtype.is_integer() and not column.null_count()):
        return column.to_numpy()
    if isinstance(dtype, polars.Struct) and any(field.name == "bytes" for field in dtype.fields):
        return column.struct.field("bytes").to_list()  # a picture, as the Hugging Face Hub keeps it
    return column.to_list()
