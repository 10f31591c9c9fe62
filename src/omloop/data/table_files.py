"""Reading a table file as texts: what the words mean is the project's business, not the file reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import Columns, DataError, SourceError

if TYPE_CHECKING:
    from pathlib import Path


def read_table(path: Path) -> Columns:
    """Read a CSV (.csv), a TSV (.tsv) or a Parquet file (.parquet) into columns, in file order.

    Fields of a CSV stay texts, `None` and `NA` too; an empty field is an empty text. Raises DataError for a file that
    is empty, not UTF-8, ragged, or names a column twice.
    """
    import polars

    try:
        if path.suffix == ".parquet":
            frame = polars.read_parquet(path)
            return {name: frame[name].to_list() for name in frame.columns}
        frame = polars.read_csv(
            path,
            separator="\t" if path.suffix == ".tsv" else ",",
            infer_schema=False,
            empty_string_is_null=False,
            has_header=False,
            encoding="utf8",
        )
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except polars.exceptions.NoDataError as error:
        raise DataError(f"{path} is empty. It needs a header line and at least one record.") from error
    except polars.exceptions.PolarsError as error:
        raise DataError(f"{path} cannot be read as a table: {_reason(error)}.") from error
    return _with_header(path, [frame[name].to_list() for name in frame.columns])


def _with_header(path: Path, columns: list[list[str]]) -> Columns:
    header = [str(column[0]).removeprefix("\ufeff") for column in columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{path} names these columns twice: {', '.join(twice)}. Rename or remove one of each.")
    if len(columns[0]) < 2:
        raise DataError(f"{path} holds a header line and no record.")
    return {name: column[1:] for name, column in zip(header, columns, strict=True)}


def _reason(error: Exception) -> str:
    words = str(error).strip().splitlines()[0]
    return "it is not UTF-8; save it as UTF-8" if "utf-8" in words.lower() or "utf8" in words.lower() else words
