"""The records of a CSV, some bytes at a time; a broken record ends with its line, and the next line begins another.

polars, if installed, splits a portion without a quote; the standard library's reader splits any other.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from omloop.core import InputError
from omloop.kinds.csv_body import fault_of

if TYPE_CHECKING:
    import polars

MOST_BYTES = 16 << 20
"""Of one record: as long as a file in a request may be."""
HEADER_LINES = 100
"""The bytes to search for the header."""
_BLANKS = (b" ", b"\t")
_UNREADABLE = re.compile("[\udc80-\udcff]")


class Records(NamedTuple):
    """Records in their order, each its fields or, in words, its fault; and how many bytes they take."""

    rows: list[list[str] | str]
    size: int


def split_records(content: bytes, *, width: int, final: bool) -> Records:
    """The whole records at the start of `content`, without blank lines; an incomplete last one counts if `final`.

    >>> split_records(b'1,"a\\nb"\\n2,c\\n3', width=2, final=False)
    Records(rows=[['1', 'a\\nb'], ['2', 'c']], size=12)
    """
    lines = content.splitlines(keepends=True)
    if not final and lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    rows: list[list[str] | str] = []
    begin = size = 0
    while begin < len(lines):
        reader = csv.reader(_texts(lines, begin), strict=True)
        end = 0
        try:
            for row in reader:
                size += sum(map(len, lines[begin + end : begin + reader.line_num]))
                end = reader.line_num
                if row:
                    rows.append(_checked(row, width))
            break
        except csv.Error as error:
            if not final and begin + reader.line_num >= len(lines) and len(content) - size < MOST_BYTES:
                break  # the rest of it may come with the next portion
            rows.append(fault_of(error))
            size += len(lines[begin + end])
            begin += end + 1
    return Records(rows, size)


def split_plain(
    content: bytes, header: Sequence[str], names: Collection[str], numbers: Collection[str] = ()
) -> polars.DataFrame | None:
    """Some columns of records without a quote, as texts or, those of `numbers`, as float64.

    None unless each record has as many fields as the header, and those are numbers; an empty field of them is null.
    """
    import polars

    if content.count(b"\r") != content.count(b"\r\n") or b"\n\n" in content or b"\n\r\n" in content:
        return None
    schema = {name: polars.Float64() if name in numbers else polars.String() for name in header}
    try:
        scan = polars.scan_csv(content, has_header=False, schema=schema, empty_string_is_null=False, quote_char=None)
        frame = scan.select(names).collect()
    except polars.exceptions.PolarsError:
        return None
    # A line of fewer fields is filled up with empty ones, one of more is an error.
    if content.startswith((b"\n", b"\r")) or content.count(b",") != frame.height * (len(header) - 1):
        return None
    # Of blanks alone polars makes no number, as of an empty field; here they are a text that is none.
    absent = any(frame.get_column(name).null_count() for name in numbers)
    if absent and (
        content.startswith(_BLANKS) or any(edge + blank in content for edge in (b",", b"\n") for blank in _BLANKS)
    ):
        return None
    return frame


def has_polars() -> bool:
    """Whether it can split many records at once."""
    try:
        import polars  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def whole_lines(content: bytes) -> int:
    """How many bytes of it are lines that have ended."""
    return content.rfind(b"\n") + 1


def read_header(content: bytes, path: object) -> tuple[list[str], int]:
    """The names in the header of a CSV that begins so, and the bytes that it takes.

    Raises InputError where there is none, and for a name that is there twice.
    """
    begin = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    lines, header, count = content[begin:].splitlines(keepends=True), list[str](), 0
    while not header and count < min(len(lines), HEADER_LINES):
        count += 1
        try:
            header = next((row for row in csv.reader(_texts(lines[:count]), strict=True) if row), [])
        except csv.Error:
            continue  # a quoted name may go on in the next line
    if not header or any(map(_UNREADABLE.search, header)):
        raise InputError(f"{path} has no header line that can be read; save it as CSV in UTF-8, with one")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path} names the column '{twice:.80}' twice in its header; remove one")
    return header, begin + sum(map(len, lines[:count]))


def _texts(lines: Sequence[bytes], begin: int = 0) -> Iterator[str]:
    return (lines[place].decode("utf-8", "surrogateescape") for place in range(begin, len(lines)))


def _checked(row: list[str], width: int) -> list[str] | str:
    if any(map(_UNREADABLE.search, row)):
        return "is not UTF-8; save the file as UTF-8"
    return row if len(row) == width else f"has {len(row)} fields, the header has {width}"
