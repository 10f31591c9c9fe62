"""Reading a table file as texts: what the words mean is the project's business, not the file reader's."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from omloop.core import (
    Columns,
    ConfigError,
    DataError,
    SourceError,
    UnknownNameError,
    explain_missing,
    first_line,
    some,
)
from omloop.data.sources.file_kinds import ARROW, EXCEL, JSON_ARRAY, JSON_LINES, PARQUET, kind_of
from omloop.data.sources.number_texts import rewrite
from omloop.data.sources.parts import joined, parts_in
from omloop.data.sources.table_options import TableOptions
from omloop.data.sources.text_column import TextColumn
from omloop.data.sources.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars


def read_table(path: Path, **options: Any) -> Columns:
    """Read a CSV, TSV, Parquet, Feather, Excel or JSON file into columns, in file order; also from gzip and zip.

    A column of texts is a `TextColumn`, any other a list. The content of the file decides, not its name. `options` are
    those of `TableOptions`, such as `separator=";"`. Fields of a CSV stay texts, `None` and `NA` too, unless `missing`
    names them; an empty field is an empty text. NaN in other files is an absent value. JSON is an object a line, or one
    list of objects. It reads the one table of a zip file, one sheet of a workbook, and the parts of one table of a
    folder.

    Raises DataError, with the line of a text file, for a file that is empty, ragged, of another encoding or with
    another separator. Raises it too for a file that names a column twice, or is of another kind. Raises ConfigError
    for an unknown option.
    """
    frame = read_frame(path, TableOptions.of(options))
    return {name: _values(frame[name]) for name in frame.columns}


def read_frame(path: Path, options: TableOptions) -> polars.DataFrame:
    """The same as a frame: columns of texts of a text file, typed columns of another; see `read_table`."""
    import polars

    try:
        if path.is_dir():
            parts = parts_in(path)
            frame = joined(parts, [_read(part, options) for part in parts])
        else:
            frame = _read(path, options)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    except polars.exceptions.NoDataError as error:
        raise DataError(f"{path} is empty. It needs a header line and at least one record.") from error
    except polars.exceptions.PolarsError as error:
        raise DataError(f"{path} cannot be read as a table: {first_line(error)}.") from error
    frame = rewrite(_renamed(path, frame, options), options)
    if options.number and options.number in frame.columns:
        raise ConfigError(f"number={options.number}: {path} has a column of that name. Give another.")
    return frame.with_row_index(options.number, offset=1) if options.number else frame


def content_of(path: Path, encoding: str = "utf-8") -> tuple[str, bytes | None]:
    """The name of a file, or of the one table in an archive, and its content in UTF-8; None for a file as it lies.

    Raises DataError for a folder, a damaged archive, and for a text of another encoding.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder; name one file in it, or give the project a `read` of its own.")
    name, content = unpack(path) or (path.name, None)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return name, content
    try:
        return name, (path.read_bytes() if content is None else content).decode(encoding).encode()
    except UnicodeError as error:
        raise DataError(f"{path} is not in the encoding {encoding}: {error}. Give another encoding.") from error


def _read(path: Path, options: TableOptions) -> polars.DataFrame:
    import polars

    name, content = content_of(path, options.encoding)
    suffix = PurePosixPath(name).suffix.lower()
    kind = kind_of(path, content, suffix=suffix)
    source = path if content is None else content
    if kind == PARQUET:
        return _typed(polars.read_parquet(source))
    if kind == ARROW:
        return _typed(polars.read_ipc(source))
    if kind == EXCEL:
        return _typed(_read_excel(path, source, options.sheet))
    if kind in (JSON_LINES, JSON_ARRAY):
        return _typed(_read_json(path, source, kind))
    return _read_csv(path, source, options, options.separator_of(suffix))


def _read_excel(path: Path, source: Path | bytes, sheet: str) -> polars.DataFrame:
    with explain_missing("An Excel workbook"):
        import fastexcel

        book = fastexcel.read_excel(source)
    if sheet and sheet not in book.sheet_names:
        raise UnknownNameError("sheet", sheet, book.sheet_names)
    if not book.sheet_names:
        raise DataError(f"{path} is a workbook without a sheet.")
    frame: polars.DataFrame = book.load_sheet(sheet or 0).to_polars()
    return frame


def _read_json(path: Path, source: Path | bytes, kind: str) -> polars.DataFrame:
    import polars

    try:
        if kind == JSON_ARRAY:
            return polars.read_json(source, infer_schema_length=None)
        return polars.read_ndjson(source, infer_schema_length=None)
    except polars.exceptions.PolarsError as error:
        fault = _list_fault(source) if kind == JSON_ARRAY else _json_fault(source)
        what = "a JSON list of objects" if kind == JSON_ARRAY else "JSON Lines"
        raise DataError(f"{path} cannot be read as {what}: {fault or first_line(error)}.") from error


def _open(source: Path | bytes) -> IO[bytes]:
    """A file of its own in each case, from the beginning."""
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _list_fault(source: Path | bytes) -> str:
    with _open(source) as file:
        try:
            found = json.load(file, parse_constant=_no_number)
        except DataError as error:
            return f"it holds {error}"
        except (ValueError, RecursionError) as error:
            line = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            return f"it is no JSON{line}, or was cut"
    return "" if all(isinstance(one, dict) for one in found) else "it holds what is no object"


def _json_fault(source: Path | bytes) -> str:
    """The first line that holds no JSON object, in words; nothing where all do."""
    with _open(source) as file:
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


def _typed(frame: polars.DataFrame) -> polars.DataFrame:
    """A typed file; NaN there is what others write as null."""
    import polars.selectors as cs

    frame = frame.with_columns(cs.float().fill_nan(None))
    if not frame.height:
        raise DataError("The file holds columns and no record.")
    return frame


def _read_csv(path: Path, source: Path | bytes, options: TableOptions, separator: str) -> polars.DataFrame:
    import polars

    quote = options.quote or None
    _check_header(path, source, separator, options.skip)
    try:
        frame = polars.read_csv(
            source,
            separator=separator,
            quote_char=quote,
            infer_schema=False,
            empty_string_is_null=False,
            has_header=False,
            skip_lines=options.skip,
            encoding="utf8",
        )
    except polars.exceptions.NoDataError:
        raise
    except polars.exceptions.PolarsError as error:
        reason = _fault(source, separator, quote, options.skip) or first_line(error)
        raise DataError(f"{path} cannot be read as a table: {reason}.") from error
    # A line of fewer fields is filled up with empty texts, the last field always.
    last = frame.get_column(frame.columns[-1])
    if (last == "").any() and (reason := _fault(source, separator, quote, options.skip)):
        raise DataError(f"{path} cannot be read as a table: {reason}.")
    return _with_header(path, _without_blank_lines(frame), options.skip + 1)


def _without_blank_lines(frame: polars.DataFrame) -> polars.DataFrame:
    """The rows of which some field is not empty; of a single column an empty field is a value."""
    import polars

    return frame if frame.width < 2 else frame.filter(polars.any_horizontal(polars.all() != ""))


def _check_header(path: Path, source: Path | bytes, separator: str, skip: int) -> None:
    """Refuse a file that plainly has another separator, and name that separator."""
    with _open(source) as file:
        lines = file.read(1 << 16).decode("utf-8-sig", "replace").splitlines()[skip : skip + 2]
    header = lines[0] if lines else ""
    seen = max(";\t|,", key=header.count)
    if not header.count(seen) or seen == separator or separator in header:
        return
    named = {"\t": "tabs", ",": "commas"}.get(seen, f"'{seen}'")
    wanted = {"\t": "tabs", ",": "commas"}.get(separator, f"'{separator}'")
    number = next((field for field in lines[-1].split(seen) if _is_decimal_comma(field)), "")
    comma = f", and its numbers have a decimal comma ('{number:.20}')" if seen != "," and number else ""
    also = ", or call it .tsv" if seen == "\t" else ""
    points = " and decimal points" if comma else ""
    option = f", or read it with separator={seen!r}"
    raise DataError(
        f"{path}, line {skip + 1}: its fields are separated by {named}{comma}. "
        f"Save it with {wanted}{points}{also}{option}."
    )


def _is_decimal_comma(field: str) -> bool:
    whole, comma, part = field.strip().lstrip("+-").partition(",")
    return bool(comma) and whole.isdigit() and part.isdigit()


def _fault(source: Path | bytes, separator: str, quote: str | None, skip: int) -> str:
    """The first line that does not fit the header, in words; nothing where all do."""
    try:
        return next(_faults(source, separator, quote, skip), "")
    except UnicodeDecodeError:
        return f"line {_line_of_bad_byte(source)} is not UTF-8; save the file as UTF-8, or give its encoding"


def _faults(source: Path | bytes, separator: str, quote: str | None, skip: int) -> Iterator[str]:
    with io.TextIOWrapper(_open(source), encoding="utf-8-sig", newline="") as file:
        for _ in range(skip):
            file.readline()
        lines = csv.reader(file, delimiter=separator, strict=True, quotechar=quote or "\0")
        blank = False
        try:
            header = next(lines)
            begin = lines.line_num + 1
            for line in lines:
                if line and len(line) != len(header):
                    after = ". It follows a blank line: save a second table in a file of its own" if blank else ""
                    yield f"line {skip + begin} has {len(line)} fields, the header has {len(header)}{after}"
                begin, blank = lines.line_num + 1, not any(line)
        except csv.Error as error:
            yield f"line {skip + lines.line_num}: {error}"
        except StopIteration:
            return


def _line_of_bad_byte(source: Path | bytes) -> int:
    with _open(source) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _with_header(path: Path, frame: polars.DataFrame, line: int) -> polars.DataFrame:
    header = [str(name or "").removeprefix("\ufeff") for name in (frame.row(0) if frame.height else ())]
    _require_distinct(header, f"{path}, line {line} names")
    if frame.height < 2:
        raise DataError(f"{path} holds a header line and no record.")
    return frame.slice(1).rename(dict(zip(frame.columns, header, strict=True)))


def _require_distinct(names: list[str], who: str) -> None:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name, []).append(place)
    twice = {name: found for name, found in places.items() if len(found) > 1}
    if twice:
        told = "; ".join(
            f"{name or repr(name)} in columns {some([str(one) for one in twice[name]])}" for name in sorted(twice)
        )
        raise DataError(f"{who} these columns twice: {told}. Rename or remove one of each.")


def _renamed(path: Path, frame: polars.DataFrame, options: TableOptions) -> polars.DataFrame:
    """The frame under the names that the records have."""
    for name in options.rename:
        if name not in frame.columns:
            raise UnknownNameError("column", name, frame.columns)
    names = [options.rename.get(name, name.strip() if options.strip else name) for name in frame.columns]
    if names == frame.columns:
        return frame
    _require_distinct(names, f"{path} gives")
    frame = frame.clone()
    frame.columns = names
    return frame


def _values(column: polars.Series) -> Sequence[Any]:
    import polars

    return TextColumn(column) if column.dtype == polars.String else column.to_list()
