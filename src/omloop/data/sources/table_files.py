"""Reading a table file as texts: what the words mean is the project's business, not the file reader's."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING

from omloop.core import Columns, DataError, SourceError, first_line, some
from omloop.data.sources.file_kinds import ARROW, JSON_LINES, PARQUET, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars


def read_table(path: Path) -> Columns:
    """Read a CSV, a TSV (.tsv), a Parquet, a Feather or a JSON Lines file into columns, in file order.

    What the file is, not its name, decides. Fields of a CSV stay texts, `None` and `NA` too; an empty field is an empty
    text. NaN in other files is an absent value. Raises DataError, with the line of a text file, for one that is empty,
    not UTF-8, ragged, separated by something else, names a column twice, or is another kind of file.
    """
    import polars

    try:
        kind = kind_of(path)
        if kind == PARQUET:
            return _columns(polars.read_parquet(path))
        if kind == ARROW:
            return _columns(polars.read_ipc(path))
        if kind == JSON_LINES:
            return _read_json_lines(path)
        return _read_csv(path, "\t" if path.suffix.lower() == ".tsv" else ",")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except polars.exceptions.NoDataError as error:
        raise DataError(f"{path} is empty. It needs a header line and at least one record.") from error
    except polars.exceptions.PolarsError as error:
        raise DataError(f"{path} cannot be read as a table: {first_line(error)}.") from error


def _read_json_lines(path: Path) -> Columns:
    import polars

    try:
        return _columns(polars.read_ndjson(path, infer_schema_length=None))
    except polars.exceptions.PolarsError as error:
        reason = _json_fault(path) or first_line(error)
        raise DataError(f"{path} cannot be read as JSON Lines: {reason}.") from error


def _json_fault(path: Path) -> str:
    """The first line that holds no JSON object, in words; nothing where all do."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line.removeprefix(b"\xef\xbb\xbf").strip(), parse_constant=_no_number)
            except UnicodeDecodeError:
                return f"line {number} is not UTF-8; save the file as UTF-8"
            except DataError as error:
                return f"line {number} holds {error}"
            except (ValueError, RecursionError) as error:
                place = f" at its character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
                return f"line {number} is no JSON{place}, or was cut; each line must hold one whole object"
            if not isinstance(found, dict):
                return f"line {number} holds {line.strip()[:20].decode(errors='replace')!r}, not an object"
    return ""


def _no_number(word: str) -> float:
    raise DataError(f"{word}, which is no JSON; write null for what is absent")


def _columns(frame: polars.DataFrame) -> Columns:
    """The columns of a typed file; NaN there is what others write as null."""
    import polars.selectors as cs

    frame = frame.with_columns(cs.float().fill_nan(None))
    if not frame.height:
        raise DataError("The file holds columns and no record.")
    return {name: frame[name].to_list() for name in frame.columns}


def _read_csv(path: Path, separator: str) -> Columns:
    import polars

    _check_header(path, separator)
    try:
        frame = polars.read_csv(
            path,
            separator=separator,
            infer_schema=False,
            empty_string_is_null=False,
            has_header=False,
            encoding="utf8",
        )
    except polars.exceptions.NoDataError:
        raise
    except polars.exceptions.PolarsError as error:
        reason = _fault(path, separator) or first_line(error)
        raise DataError(f"{path} cannot be read as a table: {reason}.") from error
    columns = [frame[name].to_list() for name in frame.columns]
    # A line of fewer fields is filled up with empty texts, the last field always.
    if "" in columns[-1] and (reason := _fault(path, separator)):
        raise DataError(f"{path} cannot be read as a table: {reason}.")
    return _with_header(path, _without_blank_lines(columns))


def _without_blank_lines(columns: list[list[str]]) -> list[list[str]]:
    """The columns without records of which every field is empty; of a single column an empty field is a value."""
    if len(columns) < 2 or "" not in columns[-1]:
        return columns
    kept = [row for row, values in enumerate(zip(*columns, strict=True)) if any(values)]
    return columns if len(kept) == len(columns[0]) else [[column[row] for row in kept] for column in columns]


def _check_header(path: Path, separator: str) -> None:
    """Refuse a file that is plainly separated by something else, and say what was seen."""
    with path.open("rb") as file:
        lines = file.read(1 << 16).decode("utf-8-sig", "replace").splitlines()[:2]
    header = lines[0] if lines else ""
    seen = max(";\t|,", key=header.count)
    if not header.count(seen) or seen == separator or separator in header:
        return
    named = {"\t": "tabs", ",": "commas"}.get(seen, f"'{seen}'")
    wanted = "tabs" if separator == "\t" else "commas"
    number = next((field for field in lines[-1].split(seen) if _is_decimal_comma(field)), "")
    comma = f", and its numbers have a decimal comma ('{number:.20}')" if seen != "," and number else ""
    also = ", or call it .tsv" if seen == "\t" else ""
    points = " and decimal points" if comma else ""
    raise DataError(f"{path}, line 1: its fields are separated by {named}{comma}. Save it with {wanted}{points}{also}.")


def _is_decimal_comma(field: str) -> bool:
    whole, comma, part = field.strip().lstrip("+-").partition(",")
    return bool(comma) and whole.isdigit() and part.isdigit()


def _fault(path: Path, separator: str) -> str:
    """The first line that does not fit the header, in words; nothing where all do."""
    try:
        return next(_faults(path, separator), "")
    except UnicodeDecodeError:
        return f"line {_line_of_bad_byte(path)} is not UTF-8; save the file as UTF-8"


def _faults(path: Path, separator: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=separator, strict=True)
        try:
            header = next(lines)
            begin = lines.line_num + 1
            for line in lines:
                if line and len(line) != len(header):
                    yield f"line {begin} has {len(line)} fields, the header has {len(header)}"
                begin = lines.line_num + 1
        except csv.Error as error:
            yield f"line {lines.line_num}: {error}"
        except StopIteration:
            return


def _line_of_bad_byte(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _with_header(path: Path, columns: list[list[str]]) -> Columns:
    header = [str(column[0]).removeprefix("\ufeff") for column in columns]
    if twice := sorted(name for name, count in Counter(header).items() if count > 1):
        named = "; ".join(f"{name or repr(name)} in columns {_places(name, header)}" for name in twice)
        raise DataError(f"{path}, line 1 names these columns twice: {named}. Rename or remove one of each.")
    if len(columns[0]) < 2:
        raise DataError(f"{path} holds a header line and no record.")
    return {name: column[1:] for name, column in zip(header, columns, strict=True)}


def _places(name: str, header: list[str]) -> str:
    return some([str(place) for place, one in enumerate(header, start=1) if one == name])
