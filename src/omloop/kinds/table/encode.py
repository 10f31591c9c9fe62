"""From the values of a column to float32, with the faults of those that have no number."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unicodedata import normalize

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.core import Columns, TextValues, memoise
from omloop.kinds.json_body import quote_value
from omloop.kinds.table.column import MOMENTS, NUMBERS, Column
from omloop.kinds.table.layout import Encoded
from omloop.kinds.table.moments import SECONDS, derive, parse_moments
from omloop.kinds.table.words import count_words

_DIGITS = re.compile(r"[+-]?[0-9]{1,300}", re.ASCII).fullmatch

EXACT = 2**24
"""float32 holds every integer up to here, and only some beyond."""
_TRUTHS = dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), 1.0) | dict.fromkeys(
    ("false", "f", "no", "n", "0", "0.0"), 0.0
)

_PLAIN = re.compile(r"[ \t\r\n+\-.0-9a-zA-Z]*", re.ASCII).fullmatch
"""The characters of a number in a CSV: no digits of other scripts and no `1_9`, which only Python takes."""


class CellProblem(msgspec.Struct, frozen=True):
    """The fault of one column's value."""

    name: str
    row: int
    reason: str


def encode_column(column: Column, values: Any, *, text: bool) -> tuple[Encoded, list[CellProblem]]:
    """Encode one column; `text` says whether numbers may come as text, as they do from a CSV."""
    encoded = judge_values(column, values, text=text)
    if not encoded.bad.any():
        return encoded, []
    row = int(np.argmax(encoded.bad))
    return encoded, [CellProblem(column.name, row, reason_of(column, values[row], encoded.absent[row]))]


def refusals_of(columns: Sequence[Column], records: Columns) -> dict[int, str]:
    """The faults of each bad record, by its number: all its bad values, in the columns' order."""
    found: dict[int, list[str]] = {}
    for column in columns:
        values = records[column.name]
        encoded = judge_values(column, values, text=True)
        for row in np.flatnonzero(encoded.bad).tolist():
            reason = reason_of(column, values[row], encoded.absent[row])
            found.setdefault(row, []).append(f"{column.name}: {reason}")
    return {row: "; ".join(found[row]) for row in sorted(found)}


def reason_of(column: Column, given: object, absent: np.bool_) -> str:
    """Why a column does not take a value, in words."""
    if absent:
        return f"a value is missing; give {column.accepts}"
    if column.type == "integer" and _is_too_long(column, given):
        return (
            f"{quote_value(given)} has more digits than float32 keeps, which holds every integer up to {EXACT:,}. "
            "Declare the column a number, of which seven digits are kept; if it is an id, name it in the project's "
            "`ignored` or `id`"
        )
    return f"{quote_value(given)} is not accepted; send {column.accepts_near(given)}"


def judge_values(column: Column, values: Any, *, text: bool) -> Encoded:
    """Encode one column and say which values are absent and which are bad; see `Encoded`."""
    if text and isinstance(values, TextValues) and (found := _judge_texts(column, values)) is not None:
        return found
    if column.type == "text":
        return _texts(column, values)
    if column.type in MOMENTS:
        return _moments(column, values, _absent(values, text=text))
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb" and column.type != "category":
        numbers = values.astype(np.float64)
        return _limited(column, numbers, np.isnan(numbers), values)
    absent = _absent(values, text=text)
    if column.type == "category":
        return _limited(column, _codes(column, values), absent, values)
    if column.type == "boolean":
        return _limited(column, _truths(values, text=text), absent, values)
    return _limited(column, _numbers(values, absent, text=text), absent, values)


def _judge_texts(column: Column, texts: TextValues) -> Encoded | None:
    """The same for many texts at a time; None if they need reading one by one."""
    if column.type in NUMBERS:
        numbers = texts.numbers()
        return None if numbers is None else _limited(column, numbers, np.isnan(numbers), texts)
    if column.type == "text" or (found := texts.distinct()) is None:
        return None
    words, places = found
    return judge_values(column, words, text=True).take(places)


def _absent(values: Any, *, text: bool) -> NDArray[np.bool_]:
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return np.isnat(values)
    return np.array([value is None or (text and value == "") for value in values], bool)


def _limited(column: Column, numbers: NDArray[np.float64], absent: NDArray[np.bool_], values: Any) -> Encoded:
    with np.errstate(invalid="ignore", over="ignore"):
        kept = numbers.astype(np.float32)
        bad = ~np.isfinite(kept)
        if column.type == "integer":
            bad |= numbers != np.floor(numbers)
            if (np.abs(numbers) > EXACT).any():
                bad |= _inexact(values, numbers, kept)
        elif column.type == "boolean":
            bad |= (numbers != 0) & (numbers != 1)
        # Limits are rounded as values are: a value at its limit is still there after `render` and `parse`.
        if column.low is not None:
            bad |= kept < np.float32(column.low)
        if column.high is not None:
            bad |= kept > np.float32(column.high)
    bad = np.where(absent, not column.missing, bad)
    kept[bad] = 0.0
    kept[absent] = np.nan
    return Encoded(kept, absent, bad)


def _inexact(values: Any, numbers: NDArray[np.float64], kept: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which integers are another number as float32; beyond 2**53, where float64 does not know, by what came."""
    inexact: NDArray[np.bool_] = (kept != numbers) & np.isfinite(numbers)
    for row in np.flatnonzero(np.isfinite(kept) & (np.abs(numbers) >= 2**53)).tolist():
        inexact[row] |= _whole(values[row]) not in (None, int(kept[row]))
    return inexact


def _whole(value: object) -> int | None:
    """An integer as written; None for anything else."""
    if isinstance(value, str):
        return int(value) if _DIGITS(value.strip()) else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, int | np.integer) and not isinstance(value, bool) else None


def _is_too_long(column: Column, given: object) -> bool:
    """Whether nothing is wrong with an integer but its size."""
    number = _whole(given)
    if number is None or abs(number) <= EXACT:
        return False
    return (column.low is None or number >= column.low) and (column.high is None or number <= column.high)


def _truths(values: Any, *, text: bool) -> NDArray[np.float64]:
    return np.array([_truth(value, text=text) for value in values], np.float64)


def _truth(value: object, *, text: bool) -> float:
    if isinstance(value, bool | np.bool_):
        return float(value)
    if not text:
        return np.nan
    if isinstance(value, str):
        return _TRUTHS.get(value.strip().lower(), np.nan)
    return float(value) if isinstance(value, int | float | np.number) else np.nan


def _texts(column: Column, values: Any) -> Encoded:
    """An empty text is an absent one if the column accepts that; else it is a text without words."""
    absent = np.array([value is None or (column.missing and value == "") for value in values], bool)
    bad = np.array([not isinstance(value, str) for value in values], bool)
    texts = np.array([None if none else value for value, none in zip(values, bad | absent, strict=True)], object)
    counts = count_words([text or "" for text in texts], column.size)
    counts[absent] = np.nan
    return Encoded(counts.sum(axis=1), absent, np.where(absent, not column.missing, bad), counts, texts)


def _moments(column: Column, values: Any, absent: NDArray[np.bool_]) -> Encoded:
    times = column.type == "datetime"
    days, seconds, known = parse_moments(values, column.format, times=times)
    exact, bad = days + seconds / SECONDS, ~known
    if column.low is not None:
        bad |= exact < column.low
    if column.high is not None:
        bad |= exact > column.high
    bad = np.where(absent, not column.missing, bad)
    exact[bad], exact[absent] = 0.0, np.nan
    derived = derive(days, seconds, times=times)
    derived[absent] = np.nan
    return Encoded(exact.astype(np.float32), absent, bad, derived)


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
