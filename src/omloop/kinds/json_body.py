"""JSON bodies, read strictly, and their values told in JSON's words; no other library's words reach a client."""

import json
import math
import re

import msgspec
import numpy as np

from omloop.core import InputError

_MOST_DIGITS = 4_000  # Python reads no integer of more than 4,300
_MOST_SHOWN = 40
_AT_BYTE = re.compile(r"\(byte (\d+)\)")


class OddNumber(float):
    """A number that stands in a body and that nothing holds, such as 1e400 or NaN; no column accepts it."""

    literal: str

    def __new__(cls, literal: str) -> "OddNumber":
        """The number that a text spells."""
        one = super().__new__(cls, math.nan)
        one.literal = literal
        return one


def read_json(content: bytes) -> object:
    """The value of a JSON body; raises InputError for anything but JSON.

    Numbers out of range become `OddNumber`, so that a refusal can name their field.

    >>> [type(value).__name__ for value in read_json(b"[1, 1e400]")]
    ['int', 'OddNumber']
    """
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        try:
            return _with_odd_numbers(content)
        except (ValueError, RecursionError):
            raise InputError(f"the body is not valid JSON: {_words(error)}") from error


def read_rows(content: bytes) -> list[object]:
    """The rows of a JSON body `{"rows": [...]}`; raises InputError for any other body, and for one without a row."""
    body = read_json(content)
    if not isinstance(body, dict) or set(body) != {"rows"} or not isinstance(body["rows"], list):
        raise InputError('the body must be an object with one key, {"rows": [...]}')
    if not body["rows"]:
        raise InputError("send at least one row", "rows")
    return body["rows"]


def write_json(value: object) -> bytes:
    """JSON of a value from `read_json`; odd numbers keep their text."""
    return msgspec.json.encode(value, enc_hook=lambda odd: msgspec.Raw(odd.literal.encode()))


def quote_value(value: object) -> str:
    """A value in JSON's words, cut after `_MOST_SHOWN` characters; a text in single quotes, as messages have them.

    >>> quote_value(True), quote_value(None), quote_value({"a": 1}), quote_value("x")
    ('true', 'null', '{"a": 1}', "'x'")
    """
    if isinstance(value, OddNumber):
        words = value.literal
    elif isinstance(value, str):
        words = repr(value[: _MOST_SHOWN + 1])
    else:
        try:
            plain = value.item() if isinstance(value, np.generic) else value
            words = json.dumps(plain, ensure_ascii=False, default=str)
        except (ValueError, RecursionError):  # too many digits, or nested too deep
            words = "what was sent"
    return words if len(words) <= _MOST_SHOWN else f"{words[: _MOST_SHOWN - 3]}..."


def _with_odd_numbers(content: bytes) -> object:
    """The body, if only odd numbers make it unreadable; else raises ValueError or RecursionError."""
    found: list[OddNumber] = []

    def odd(literal: str) -> OddNumber:
        found.append(OddNumber(literal))
        return found[-1]

    body = json.loads(
        content.decode(),
        parse_constant=odd,
        parse_float=lambda literal: value if math.isfinite(value := float(literal)) else odd(literal),
        parse_int=lambda literal: int(literal) if len(literal) <= _MOST_DIGITS else odd(literal),
    )
    if not found:
        raise ValueError("something else is wrong")
    write_json(body)  # Python's reader takes halves of surrogate pairs
    return body


def _words(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start})"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if place := _AT_BYTE.search(str(error)):
        return f"something is wrong at byte {place[1]}"
    return "it ends too early"
