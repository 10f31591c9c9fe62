"""One column of a table: its type, its range, its categories."""

import math
from typing import Any, Literal

import msgspec
import numpy as np

from omloop.core import (
    ConfigError,
    memoise,
    some,
)
from omloop.kinds.table.moments import SECONDS, reads_otherwise

FLOAT32_MAX = float(np.finfo(np.float32).max)
FAR = 36_525.0
"""The last date without a limit, 2070-01-01, as a value to try a model with."""
MOST_CHOICES = 300
"""How many categories a schema lists; a page of 100,000 takes minutes to show and nobody reads it."""

ColumnType = Literal["number", "integer", "category", "boolean", "date", "datetime", "text"]
NUMBERS = ("number", "integer")
MOMENTS = ("date", "datetime")
LIMITED = (*NUMBERS, *MOMENTS, "category")
SIZE = 64
_WORDS = {
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "date": "a date such as 2024-01-31",
    "datetime": "a date and time such as 2024-01-31T09:30:00Z",
    "text": "a text",
}
_JSON_TYPES = {"date": "string", "datetime": "string", "text": "string"}


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of a table: its name, its type and its accepted values.

    `low` and `high` are inclusive limits in the column's `unit`, of a date or datetime in days since 1970-01-01. A
    category accepts its `categories` and nothing else. `missing` says whether the column accepts an absent value (null
    in JSON, an empty field in CSV). Numbers become float32, with about seven digits. `other` names the category of an
    undeclared word: one of `categories`, or a word of its own. A word of its own is one more category after them.
    Without `other` the column refuses undeclared words. `format` is a strptime pattern for texts of a date or datetime,
    beside ISO 8601. `size` is the number of buckets for the words of a text. Raises ConfigError for a column that
    accepts nothing.

    >>> Column("sleep_hours", "number", low=0, high=24, unit="h").accepts
    'a number from 0 to 24 h'
    >>> Column("city", "category", categories=("Delft", "Gouda"), other="other").words
    ('Delft', 'Gouda', 'other')
    """

    name: str
    type: ColumnType
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    missing: bool = False
    unit: str = ""
    description: str = ""
    other: str = ""
    format: str = ""
    size: int = SIZE

    def __post_init__(self) -> None:
        if isinstance(self.categories, str):
            raise ConfigError(
                f"The column '{self.name}' has one text for categories, each letter of which would be one. "
                f"Write ({self.categories!r},)."
            )
        if (self.type == "category") != bool(self.categories) or len(set(self.categories)) != len(self.categories):
            raise ConfigError(
                f"The column '{self.name}' is a {self.type}: give a category, and no other, distinct words."
            )
        for name, given, types in (
            ("low", self.low is not None, LIMITED),
            ("high", self.high is not None, LIMITED),
            ("other", bool(self.other), ("category",)),
            ("format", bool(self.format), MOMENTS),
            ("size", self.size != SIZE, ("text",)),
        ):
            if given and self.type not in types:
                raise ConfigError(f"The column '{self.name}' is a {self.type}, which takes no `{name}`. Leave it out.")
        if self.format and reads_otherwise(self.format):
            raise ConfigError(
                f"The column '{self.name}' has the format {self.format}, which takes 2001-02-03, a date of ISO 8601, "
                "for another day; those are always accepted. Write its dates in another way."
            )
        if self.size < 1:
            raise ConfigError(f"The column '{self.name}' counts words in {self.size} places; give 1 or more.")
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise ConfigError(f"The column '{self.name}' has limits that no value meets: {self.low} to {self.high}.")

    @property
    def words(self) -> tuple[str, ...]:
        """A category's words in the order of their codes: those declared and, if it is none of them, `other`."""
        return _words(self)

    @property
    def accepts(self) -> str:
        """What the column accepts, in words."""
        if self.type == "category":
            words = f"one of {some(self.categories, quoted=True)}"
            return f"{words}, or another text, taken as {self.other!r}" if self.other else words
        if self.type in MOMENTS:
            return self._limited(_WORDS[self.type] + (f" or in the format {self.format}" if self.format else ""))
        return f"{self._limited(_WORDS[self.type])} {self.unit}".rstrip()

    def accepts_near(self, given: object) -> str:
        """What the column accepts, in words; of many categories, those nearest to the given word."""
        if self.type != "category" or not isinstance(given, str):
            return self.accepts
        return f"one of {some(self.categories, near=given, quoted=True)}"

    def schema(self) -> dict[str, Any]:
        """JSON schema of one value; of many categories it lists only the first ones."""
        if self.type == "category":
            choices: list[object] = list(self.words)
            schema: dict[str, object] = {"enum": [*choices, None] if self.missing else choices}
            if self.other or len(choices) > MOST_CHOICES:
                text = {"type": ["string", "null"] if self.missing else "string"}
                schema = {**text, "examples": choices[:MOST_CHOICES]}
        else:
            named = _JSON_TYPES.get(self.type, self.type)
            schema = {"type": [named, "null"] if self.missing else named}
            if self.type in MOMENTS:
                schema |= {} if self.format else {"format": "date" if self.type == "date" else "date-time"}
            else:
                limits = {"minimum": self.low, "maximum": self.high}
                schema |= {key: limit for key, limit in limits.items() if limit is not None}
        words = " ".join(filter(None, [self.description, f"In {self.unit}." if self.unit else "", self._hint]))
        return schema | ({"description": words} if words else {})

    @property
    def _hint(self) -> str:
        """What a schema cannot say but in words."""
        if self.other:
            return f"An unknown text counts as {self.other!r}."
        if len(self.categories) > MOST_CHOICES:
            return f"One of {len(self.categories):,} words, of which the first are given as examples."
        told = self.type in MOMENTS and (self.format or self.low is not None or self.high is not None)
        return f"{self.accepts[:1].upper()}{self.accepts[1:]}." if told else ""

    def _limited(self, words: str) -> str:
        low, high = (None if limit is None else self._limit(limit) for limit in (self.low, self.high))
        if low and high:
            return f"{words} from {low} to {high}"
        return f"{words} of at least {low}" if low else f"{words} of at most {high}" if high else words

    def _limit(self, limit: float) -> str:
        if self.type not in MOMENTS:
            return f"{limit:.15g}"
        unit = "D" if self.type == "date" else "s"
        return str(np.datetime64(round(limit * SECONDS), "s").astype(f"datetime64[{unit}]"))


@memoise
def _words(column: Column) -> tuple[str, ...]:
    known, other = column.categories, column.other
    return (*known, other) if other and other not in set(known) else known


def extremes_of(column: Column) -> list[Any]:
    """JSON values at the ends of what a column takes, absent ones among them where it may be absent."""
    values: list[Any] = _extremes(column)
    return [*values, None] if column.missing else values


def _extremes(column: Column) -> list[Any]:
    if column.type == "category":
        words = column.words
        few = np.unique(np.linspace(0, len(words) - 1, min(len(words), MOST_CHOICES)).round().astype(int))
        return [words[code] for code in few.tolist()]
    if column.type == "boolean":
        return [False, True]
    if column.type == "text":
        return ["good", "" if not column.missing else "?!", "Großartig фильм 映画 😀 it's ALL good", "so good " * 200]
    if column.type in MOMENTS:
        low = column.low if column.low is not None else min(0.0, (column.high or 0.0) - 1e3)
        high = column.high if column.high is not None else max(FAR, low + 1e3)
        unit, scale = ("D", 1) if column.type == "date" else ("s", SECONDS)
        moments = (math.ceil(low * scale), round((low + high) / 2 * scale), math.floor(high * scale))
        return [str(one) for one in np.array(moments).astype(f"datetime64[{unit}]")]
    low = column.low if column.low is not None else min(-1e3, (column.high or 0.0) - 1e3)
    high = column.high if column.high is not None else max(1e3, low + 1e3)
    low, high = max(low, -FLOAT32_MAX), min(high, FLOAT32_MAX)
    if column.type == "integer":
        low, high = float(math.ceil(low)), float(math.floor(high))
    middle = (low + high) / 2
    ends = (low, float(round(middle)) if column.type == "integer" else middle, high)
    return [float(np.float32(end)) for end in ends]


def render_cell(column: Column, value: np.float32) -> object:
    """An encoded number as JSON has it: a number, true or false, a category's word, or None."""
    if np.isnan(value):
        return None
    if column.type == "category":
        return column.words[int(value)]
    if column.type == "boolean":
        return bool(value)
    if column.type == "integer":
        # JSON encoders take no integer beyond 64 bits, and few readers one beyond 53.
        return int(value) if abs(value) < 2**53 else float(value)
    return float(str(value))
