"""Fast reading of a table's rows: one typed decoder, compiled from the columns when a server loads a bundle.

msgspec decodes and checks a body in one pass over its bytes. The plain way reads again whatever it does not take. The
plain way can explain a fault, and takes a few things that the fast way does not (3.0 for an integer). See
docs/decisions/0017-the-hot-path-is-compiled.md.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from omloop.core import ExampleArray, Reader
from omloop.kinds.table.column import MOMENTS, Column
from omloop.kinds.table.encode import EXACT, judge_values
from omloop.kinds.table.layout import RowBuilder

_LARGEST = float(np.finfo(np.float32).max)
_MOST_WORDS = 2_000  # of more, a decoder takes seconds to compile
_ESCAPED = re.compile(r'[\\"\x00-\x1f]')  # msgspec compares names as they stand in a body, where these are escaped


class _Word(float, enum.Enum):
    """A category's words: decoded from its text, and a number, its code, to NumPy."""

    def __new__(cls, word: str, code: int) -> _Word:
        one = float.__new__(cls, code)
        one._value_ = word
        return one

    __repr__ = object.__repr__


def row_reader(columns: Sequence[Column], plainly: Callable[[bytes, str], ExampleArray], *, keep: bool) -> Reader:
    """A function that does what `plainly` does, a table's `read`, several times faster for JSON.

    It also gives the rows as JSON values for the log; None after the plain way, or without `keep`.
    """
    if any(_ESCAPED.search(column.name) for column in columns):
        return lambda content, media_type, opened=None: (plainly(content, media_type), None)
    decode = _decoder(columns)
    values, plain = msgspec.structs.astuple, msgspec.to_builtins
    later = [index for index, column in enumerate(columns) if _is_later(column)]

    def read(
        content: bytes, media_type: str, opened: object = None
    ) -> tuple[ExampleArray, Sequence[Mapping[str, object]] | None]:
        if media_type == "application/json" or media_type.startswith("application/json;"):
            try:
                found = decode(content).rows
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
                pass  # explained below
            else:
                if not later:
                    return np.array([values(one) for one in found], np.float32), plain(found) if keep else None
                # The log keeps what `render` gives, which for these is not always what came.
                examples = _built(columns, later, [values(one) for one in found])
                if examples is not None:
                    return examples, None
        return plainly(content, media_type), None

    return read


def _is_later(column: Column) -> bool:
    """Whether a column arrives as texts, which NumPy or a dictionary turns into numbers."""
    if column.type == "category":
        return len(column.words) > _MOST_WORDS
    return column.type in (*MOMENTS, "text")


def _built(columns: Sequence[Column], later: Sequence[int], rows: list[tuple[Any, ...]]) -> ExampleArray | None:
    """The examples, or None if a value is not acceptable."""
    builder, cells = RowBuilder(columns, len(rows)), list(zip(*rows, strict=True))
    now = [index for index in range(len(columns)) if index not in later]
    builder.put_numbers(now, np.array([cells[index] for index in now], np.float32))
    for index in later:
        encoded = judge_values(columns[index], cells[index], text=False)
        if encoded.bad.any():
            return None
        builder.put(index, encoded)
    return builder.examples


def _decoder(columns: Sequence[Column]) -> Callable[[bytes], Any]:
    absent = {True: (None,), False: ()}  # what a column has that a row leaves out
    fields = [(f"f{index}", _type_of(column), *absent[column.missing]) for index, column in enumerate(columns)]
    names = {f"f{index}": column.name for index, column in enumerate(columns)}
    row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, rename=names, gc=False, kw_only=True)
    rows = Annotated[list[row], msgspec.Meta(min_length=1)]  # type: ignore[valid-type]
    body = msgspec.defstruct("Body", [("rows", rows)], forbid_unknown_fields=True)
    return msgspec.json.Decoder(body).decode


def _type_of(column: Column) -> Any:
    least, most = -_LARGEST, _LARGEST
    if column.low is not None:
        least = max(least, column.low)
    if column.high is not None:
        most = min(most, column.high)
    if _is_later(column):
        kind: Any = str
    elif column.type == "boolean":
        kind = bool
    elif column.type == "category":
        words = {f"w{code}": (word, code) for code, word in enumerate(column.words)}
        make: Any = _Word
        kind = make("Word", words)
    elif column.type == "integer":
        low, high = max(-EXACT, math.ceil(least)), min(EXACT, math.floor(most))
        # Larger integers are left to the plain way.
        # Limits beyond what is exact leave nothing that could be accepted here; msgspec takes no larger ones.
        kind = Annotated[int, msgspec.Meta(ge=min(low, EXACT + 1), le=max(high, -EXACT - 1))]
    else:
        kind = Annotated[float, msgspec.Meta(ge=least, le=most)]
    return kind | None if column.missing else kind
