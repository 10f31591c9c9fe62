"""The dialect of a text file: its encoding, its separator, its quotes, and the place of its header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from omloop.core import DataError
from omloop.data.sources.file_kinds import TEXT, kind_of
from omloop.data.sources.table_files import content_of

SEPARATORS = ("\t", ";", "|", ",")
"""The more of a mind to separate come first: a comma also stands in numbers and sentences."""
_NAMED = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
SAMPLE = 1 << 18
"""How many bytes from the beginning to parse."""
MOST_LINES = 500
MOST_SKIPPED = 20
SHORT = 40
STEADY, LEAST_STEADY = 0.9, 0.5
"""The share of the records with as many fields as the header that is enough, and that a separator needs."""
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")


@dataclass(frozen=True)
class Found:
    """An option of `read_table`, what in the file asks for it."""

    option: str
    value: object
    seen: str


def find_dialect(path: Path) -> Iterator[Found]:
    """The options that differ from those of a plain CSV; none for a file that is no text.

    Raises DataError for a file that is no table, or whose first line holds values and no names.
    """
    encoding = find_encoding(path)
    if encoding is not None:
        yield encoding
    name, content = content_of(path, str(encoding.value) if encoding else "utf-8")
    suffix = PurePosixPath(name).suffix.lower()
    if kind_of(path, content, suffix=suffix) != TEXT:
        return
    if content is None:
        with path.open("rb") as file:
            content = file.read(SAMPLE)
    lines = _lines(path, content)
    yield from _layout(path, lines, "\t" if suffix in (".tsv", ".tab") else ",")


def find_encoding(path: Path) -> Found | None:
    """The encoding, if it is not UTF-8: UTF-16 by its mark or its zeros, else Latin-1 as Windows has it."""
    _, content = content_of(path)
    whole = path.read_bytes() if content is None else content
    if whole.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Found("encoding", "utf-16", "the file begins with the mark of UTF-16")
    zeros = [whole[place:512:2].count(0) for place in (0, 1)]
    if len(whole) > 3 and max(zeros) > 0.4 * len(whole[:512]) / 2 and not min(zeros):
        name = "utf-16-be" if zeros[0] else "utf-16-le"
        return Found("encoding", name, "every second byte is 0, as in UTF-16 without its mark")
    if kind_of(path, content) != TEXT:
        return None
    try:
        whole.decode()
    except UnicodeDecodeError as error:
        line = whole[: error.start].count(b"\n") + 1
        word = whole[max(0, error.start - 12) : error.start + 12]
        latin = any(byte in whole for byte in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"))
        name = "latin-1" if latin else "cp1252"
        shown = (
            re.split(r"[\s,;\t|\"]+", word.decode(name)[:12])[-1] + re.split(r"[\s,;\t|\"]+", word.decode(name)[12:])[0]
        )
        return Found("encoding", name, f"line {line} is not UTF-8; read so, it says '{shown}'")
    return None


def _lines(path: Path, content: bytes) -> list[str]:
    whole = len(content) < SAMPLE
    lines = content[:SAMPLE].decode("utf-8-sig", "replace").splitlines()
    lines = (lines if whole else lines[:-1])[:MOST_LINES]
    if not any(line.strip() for line in lines):
        raise DataError(f"{path} is empty. It needs a header line and at least one record.")
    return lines


def _layout(path: Path, lines: list[str], usual: str) -> Iterator[Found]:
    quote = _quote(lines)
    separator, fields, skip = _separator(lines, quote)
    if fields < 2:
        raise DataError(
            f"{path} has one column, or its fields are separated by none of {', '.join(_NAMED.values())}: its first "
            f"line is {lines[0]!r:.60}. A table needs a target and at least one column to learn from."
        )
    if separator != usual:
        yield Found("separator", separator, f"{_NAMED[separator]}, {fields - 1} a line")
    if quote != '"':
        yield Found("quote", quote, "fields stand between single quotes")
    if skip:
        yield Found("skip", skip, f"the header is line {skip + 1}; before it stands {lines[0]!r:.40}")
    header = _fields(lines[skip], separator, quote)
    _require_names(path, header, skip + 1)
    if _has_blanks(header, lines[skip + 1 :], separator, quote):
        yield Found("strip", True, "blanks stand around names or values")


def _has_blanks(header: list[str], lines: list[str], separator: str, quote: str) -> bool:
    """Whether blanks stand around a name, or before a short field in most of the records."""
    if any(name != name.strip() and name.strip() for name in header):
        return True
    records = _records(lines, separator, quote)
    blank = sum(any(one[:1] == " " and len(one) < SHORT for one in fields) for _, fields in records)
    return blank > len(records) / 2


def _separator(lines: list[str], quote: str) -> tuple[str, int, int]:
    """The separator, how many fields a line has by it, and how many lines stand before the header."""
    best = (-1.0, 1, ",", 0)
    for separator in SEPARATORS:
        counts = [(line, len(fields)) for line, fields in _records(lines, separator, quote)]
        usual = Counter(count for _, count in counts if count > 1).most_common(1)
        if not usual:
            continue
        fields = usual[0][0]
        skip = next(line for line, count in counts if count == fields)
        rest = [count for line, count in counts if line >= skip]
        steady = sum(count == fields for count in rest) / len(rest)
        # A separator that splits the first line as it splits the others needs no lines to be passed over.
        score = round(min(steady, STEADY), 2) - (LEAST_STEADY if skip else 0.0)
        if skip <= MOST_SKIPPED and steady >= LEAST_STEADY and (score, fields) > best[:2]:
            best = (score, fields, separator, skip)
    return best[2], best[1], best[3]


def _records(lines: list[str], separator: str, quote: str) -> list[tuple[int, list[str]]]:
    """Where each record begins and its fields, blank lines apart."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, quotechar=quote)
    records, begin = [], 0
    try:
        for record in reader:
            if any(record):
                records.append((begin, record))
            begin = reader.line_num
    except csv.Error:
        pass
    return records


def _quote(lines: list[str]) -> str:
    text = "\n".join(lines)
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|$)", text, re.MULTILINE))
    double = len(re.findall(r"(?:^|[,;\t|])\"[^\"\n]*\"(?=[,;\t|]|$)", text, re.MULTILINE))
    return "'" if single > 2 * double and single >= min(len(lines), 3) else '"'


def _fields(line: str, separator: str, quote: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, quotechar=quote), [])
    except csv.Error:
        return [line]


def _require_names(path: Path, header: list[str], line: int) -> None:
    """Refuse a first line of values: mostly numbers, and not years, which are names of columns in many tables."""
    numbers = [one for one in header if _NUMBER.fullmatch(one)]
    years = all(one.strip().isdigit() and 1500 <= int(one) <= 2200 for one in numbers)
    if len(numbers) > len(header) / 2 and not years:
        raise DataError(
            f"{path}, line {line} holds values ({', '.join(numbers[:3])}), not the names of columns. "
            "Write a line of names above it."
        )
