"""From the values of a column to float32, and what is wrong with those that have none."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from unicodedata import normalize

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import (
    memoise,
)
from omloop.kinds.json_body import quote_value
from omloop.kinds.table.column import Column

_PLAIN = re.compile(r"[ \t\r\n+\-.0-9a-zA-Z]*", re.ASCII).fullmatch
"""What a number in a CSV is written with: no digits of other scripts and no `1_9`, which are Python's alone."""


class CellProblem(msgspec.Struct, frozen=True):
    """What is wrong with one column's value."""

    name: str
    row: int
    reason: str


def encode_column(column: Column, values: Any, *, text: bool) -> tuple[NDArray[np.float32], list[CellProblem]]:
    """Encode one column; `text` says whether numbers may come as text, as they do from a CSV."""
    numbers, absent, bad = judge_values(column, values, text=text)
    if not bad.any():
        return numbers, []
    row = int(np.argmax(bad))
    return numbers, [CellProblem(column.name, row, reason_of(column, values[row], absent[row]))]


def reason_of(column: Column, given: object, absent: np.bool_) -> str:
    """Why a column does not take what was given, in words."""
    if absent:
        return f"a value is missing; give {column.accepts}"
    return f"{quote_value(given)} is not accepted; send {column.accepts_near(given)}"


def judge_values(
    column: Column, values: Any, *, text: bool
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (numbers, absent, bad), each of shape (n,). Where `bad`, the number is 0."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf" and column.type != "category":
        numbers = values.astype(np.float64)
        absent = np.isnan(numbers)
    else:
        absent = np.array([value is None or (text and value == "") for value in values], bool)
        numbers = _codes(column, values) if column.type == "category" else _numbers(values, absent, text=text)
    with np.errstate(invalid="ignore", over="ignore"):
        kept = numbers.astype(np.float32)
        bad = ~np.isfinite(kept)
        if column.type == "integer":
            bad |= numbers != np.floor(numbers)
        # Limits are rounded as values are: a value at its limit is still there after `render` and `parse`.
        if column.low is not None:
            bad |= kept < np.float32(column.low)
        if column.high is not None:
            bad |= kept > np.float32(column.high)
    bad = np.where(absent, not column.missing, bad)
    kept[bad] = 0.0
    kept[absent] = np.nan
    return kept, absent, bad


def _codes(column: Column, values: Any) -> NDArray[np.float64]:
    code = _code_of(column)
    unknown = code[column.other] if column.other else np.nan
    found = [code.get(value) if isinstance(value, str) else np.nan for value in values]
    codes = [_composed(code, v, unknown) if n is None else n for v, n in zip(values, found, strict=True)]
    return np.array(codes, np.float64)


@memoise
def _code_of(column: Column) -> dict[str, float]:
    """The code of each word, also of its composed form (NFC, Unicode Standard Annex 15) where no word is that."""
    code = {word: float(index) for index, word in enumerate(column.words)}
    for word, index in list(code.items()):
        code.setdefault(normalize("NFC", word), index)
    return code


def _composed(code: Mapping[str, float], word: str, unknown: float) -> float:
    """The code of a word that came from a keyboard or a file system which writes an accent as a letter of its own."""
    return code.get(normalize("NFC", word), unknown)


def is_nested(values: Any) -> bool:
    """Whether the first value that is there is a list, an object or an array of its own."""
    first = next((value for value in values if value is not None), None)
    return isinstance(first, (list, tuple, dict, set)) or (isinstance(first, np.ndarray) and first.ndim > 0)


def _numbers(values: Any, absent: NDArray[np.bool_], *, text: bool) -> NDArray[np.float64]:
    convert: Callable[[object], float] = _from_text if text else _from_json
    if text and not absent.any() and not any(isinstance(value, str) and not _PLAIN(value) for value in values):
        try:
            return np.array(values, np.float64)
        except (ValueError, TypeError, OverflowError):
            pass  # one of them is no number: convert one by one to find which
    return np.array([np.nan if gone else convert(v) for v, gone in zip(values, absent, strict=True)], np.float64)


def _from_json(value: object) -> float:
    """A JSON number as a float, NaN for anything else: true is not 1 and "3" is not 3."""
    if type(value) not in (int, float):
        return np.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return np.inf


def _from_text(value: object) -> float:
    if isinstance(value, str) and not _PLAIN(value):
        return np.nan  # Python's numbers, not JSON's
    try:
        return float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return np.nan
