"""Rows of a file to answer: the fields that the model reads, the columns that go along, and the bad rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from omloop.core import ExampleArray, InputError, Wire, some

OnProblem = Literal["stop", "skip", "mark"]
"""What a bad row does: it ends the command, stays out of the answers, or gets its problem in place of an answer."""
CHUNK = 500
"""Rows that a kind reads at once. If one of them is bad, omloop reads the chunk again, row by row."""


@dataclass(frozen=True)
class Rows:
    """Rows as they came. `body` makes a request's body of some rows, with only the columns that the model reads.

    `kept` holds the values of each row that go along to its answer. `torn` holds the problem of each row with too few
    or too many fields, by its place.
    """

    media_type: str
    rows: Sequence[Any]
    kept: Sequence[Mapping[str, object]]
    body: Callable[[Sequence[Any]], bytes]
    torn: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadRows:
    """Accepted examples, the places of their rows, and the problem of every other row by its place."""

    examples: ExampleArray
    places: Sequence[int]
    problems: dict[int, str]


def csv_rows(content: bytes, *, keep: Sequence[str], passed_over: Collection[str]) -> Rows | None:
    """The rows of a CSV with a header line; None for other content, which the kind explains.

    Raises InputError for a column in `keep` that is missing.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    header, rows = (lines[0], [line for line in lines[1:] if line]) if lines else ([], [])
    read = [index for index, name in enumerate(header) if name not in passed_over]
    if len(set(header)) < len(header) or not read:
        return None
    _require(keep, header)
    carried, wide = {name: header.index(name) for name in keep}, len(header)
    kept = [{name: row[index] if index < len(row) else "" for name, index in carried.items()} for row in rows]
    said = "has {} fields, the header has {}"
    torn = {place: said.format(len(row), wide) for place, row in enumerate(rows) if len(row) != wide}

    def body(some: Sequence[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([row[index] for index in read] for row in ([header, *some]))
        return text.getvalue().encode()

    return Rows("text/csv", rows, kept, body, torn)


def json_rows(content: bytes, *, keep: Sequence[str], passed_over: Collection[str]) -> Rows | None:
    """The rows of a JSON body `{"rows": [{...}, ...]}`; None for other content, which the kind explains.

    Raises InputError for a column in `keep` that is missing.
    """
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        return None
    rows = given.get("rows") if isinstance(given, dict) and set(given) == {"rows"} else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    for row in rows:
        _require(keep, row)
    kept = [{name: row[name] for name in keep} for row in rows]

    def body(some: Sequence[dict[str, object]]) -> bytes:
        read = [{name: value for name, value in row.items() if name not in passed_over} for row in some]
        return json.dumps({"rows": read}).encode()

    return Rows("application/json", rows, kept, body)


def read_rows(kind: Wire, rows: Rows, on_problem: OnProblem) -> ReadRows:
    """The rows that the kind accepts; raises InputError if it accepts none, or with `stop` for the first bad row."""
    whole = [place for place in range(len(rows.rows)) if place not in rows.torn]
    if on_problem == "stop" or not rows.rows:
        for place, problem in rows.torn.items():
            raise InputError(problem, f"rows[{place}]")
        return ReadRows(kind.read(rows.body(rows.rows), rows.media_type), whole, {})
    found: list[ExampleArray] = []
    places: list[int] = []
    problems = dict(rows.torn)

    def read(some: Sequence[int]) -> None:
        found.append(kind.read(rows.body([rows.rows[place] for place in some]), rows.media_type))
        places.extend(some)

    for begin in range(0, len(whole), CHUNK):
        some = whole[begin : begin + CHUNK]
        try:
            read(some)
        except InputError:
            for place in some:
                try:
                    read([place])
                except InputError as error:
                    problems[place] = _in_its_row(error)
    if not found:
        raise InputError(f"none of the {len(rows.rows):,} rows is accepted; the first: {problems[0]}")
    return ReadRows(np.concatenate(found), places, problems)


def _require(keep: Sequence[str], names: Collection[str]) -> None:
    for name in keep:
        if name not in names:
            raise InputError(f"there is no column '{name}' to keep; there are: {some(list(names), near=name)}")


def _in_its_row(error: InputError) -> str:
    """The problem, with the name of its column alone: the kind read this row by itself."""
    field = error.field.removeprefix("rows[0]").lstrip(".")
    return f"{field}: {error.reason}" if field else error.reason
