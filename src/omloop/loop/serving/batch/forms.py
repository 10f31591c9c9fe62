"""The form of written answers: parts at first, and the one file that they become."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from omloop.core import OmloopError, as_store_error, explain_missing
from omloop.data import TextColumn

if TYPE_CHECKING:
    import polars

GROUP_VALUES = 1 << 19
"""Of a Parquet file, which a reader, and who writes it, must hold together."""
AnswerColumns = Mapping[str, Any]
"""A name and its values, one an answer: a sequence, or one text that is the same for all."""


class Form(Protocol):
    """One kind of file. A part has a `suffix` of its own."""

    suffix: str

    def write(self, path: Path, columns: AnswerColumns, count: int) -> None:
        """Write a part of that many answers."""

    def join(self, parts: Sequence[Path], out: Path, names: Sequence[str]) -> None:
        """Make the one file of all parts; what is in memory does not grow with them."""


class ParquetForm:
    """Parts are Arrow files, which cost next to nothing; it compresses the whole once."""

    suffix = ".arrow"

    def write(self, path: Path, columns: AnswerColumns, count: int) -> None:
        """As `Form` says."""
        import polars

        frame = polars.DataFrame([_series(name, values, count) for name, values in columns.items()])
        with as_store_error("write", path), path.open("wb") as file:
            frame.write_ipc(file)

    def join(self, parts: Sequence[Path], out: Path, names: Sequence[str]) -> None:
        """As `Form` says."""
        import polars

        polars.scan_ipc(list(parts)).sink_parquet(out, row_group_size=max(1, GROUP_VALUES // max(1, len(names))))


class CsvForm:
    """Parts have no header."""

    suffix = ".csv"

    def write(self, path: Path, columns: AnswerColumns, count: int) -> None:
        """As `Form` says."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows(_rows(columns, count))
        write_part(path, text.getvalue().encode())

    def join(self, parts: Sequence[Path], out: Path, names: Sequence[str]) -> None:
        """As `Form` says."""
        header = io.StringIO(newline="")
        csv.writer(header).writerow(names)
        join_files(parts, out, header.getvalue().encode())


class JsonLinesForm:
    """Parts are JSON lines themselves."""

    suffix = ".jsonl"

    def write(self, path: Path, columns: AnswerColumns, count: int) -> None:
        """As `Form` says."""
        write_part(path, json_lines(dict(zip(columns, row, strict=True)) for row in _rows(columns, count)))

    def join(self, parts: Sequence[Path], out: Path, names: Sequence[str]) -> None:
        """As `Form` says."""
        join_files(parts, out)


FORMS: Mapping[str, Form] = {".parquet": ParquetForm(), ".csv": CsvForm(), ".jsonl": JsonLinesForm()}
"""By how the name of the file ends."""


def form_of(out: Path) -> Form:
    """The form for a file of that name; raises MissingExtraError if its library is missing."""
    if out.suffix not in FORMS:
        raise OmloopError(f"Answers cannot be written as '{out}'. End its name in one of: {', '.join(FORMS)}.")
    if out.suffix == ".parquet":
        with explain_missing("Writing Parquet"):
            import polars  # noqa: F401  so that it is known before anything is answered
    return FORMS[out.suffix]


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """One object a line; values without a JSON form, such as dates, are texts, and of bytes only the number stays."""
    return "".join(json.dumps(row, ensure_ascii=False, default=_plain) + "\n" for row in rows).encode(errors="replace")


def write_part(path: Path, content: bytes) -> None:
    """Write it without waiting for the disk: a part counts by its record, which knows how long it is."""
    with as_store_error("write", path):
        path.write_bytes(content)


def join_files(parts: Sequence[Path], out: Path, first: bytes = b"") -> None:
    """All parts in one file, behind what comes `first`."""
    with as_store_error("write", out), out.open("wb") as whole:
        whole.write(first)
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return value.item() if hasattr(value, "item") else str(value)


def _series(name: str, values: Any, count: int) -> polars.Series:
    import polars

    if isinstance(values, str):
        return polars.repeat(values, count, dtype=polars.String, eager=True).alias(name)
    if isinstance(values, TextColumn):
        return values.to_polars().alias(name)
    if isinstance(values, polars.Series):
        return values.alias(name)
    words = isinstance(values, np.ndarray) and values.dtype.hasobject
    return polars.Series(name, values.tolist() if words else values)


def _rows(columns: AnswerColumns, count: int) -> Iterable[tuple[Any, ...]]:
    return zip(*(_each(values, count) for values in columns.values()), strict=True)


def _each(values: Any, count: int) -> Iterable[Any]:
    if isinstance(values, str):
        return repeat(values, count)
    each: Iterable[Any] = values.tolist() if hasattr(values, "tolist") else values
    return each
