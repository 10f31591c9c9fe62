"""One column of a table: its type, its range, its categories."""

import math
from typing import Any, Literal

import msgspec
import numpy as np

from omloop.core import (
    ConfigError,
    did_you_mean,
    some,
)

FLOAT32_MAX = float(np.finfo(np.float32).max)


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column of a table: its name, type and what it accepts.

    `low` and `high` are inclusive limits in the column's `unit`. A category accepts its `categories` and nothing else.
    `missing` says whether an absent value (null in JSON, an empty field in CSV) is accepted. Numbers are kept as
    float32, to about seven digits. `other` names the category that a word which is not declared counts as; without one
    such a word is refused. Raises ConfigError for a column that could accept nothing.

    >>> Column("sleep_hours", "number", low=0, high=24, unit="h").accepts
    'a number from 0 to 24 h'
    """

    name: str
    type: Literal["number", "integer", "category"]
    low: float | None = None
    high: float | None = None
    categories: tuple[str, ...] = ()
    missing: bool = False
    unit: str = ""
    description: str = ""
    other: str = ""

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
        if self.other and self.other not in self.categories:
            near = did_you_mean(self.other, self.categories)
            raise ConfigError(
                f"The column '{self.name}' takes unknown words as '{self.other}', which is no category of it.{near}"
            )
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise ConfigError(f"The column '{self.name}' has limits that no value meets: {self.low} to {self.high}.")

    @property
    def accepts(self) -> str:
        """What the column accepts, in words."""
        if self.type == "category":
            words = f"one of {some(self.categories, quoted=True)}"
            return f"{words}, or another text, taken as {self.other!r}" if self.other else words
        words = "an integer" if self.type == "integer" else "a number"
        if self.low is not None and self.high is not None:
            words += f" from {self.low:.15g} to {self.high:.15g}"
        elif self.low is not None:
            words += f" of at least {self.low:.15g}"
        elif self.high is not None:
            words += f" of at most {self.high:.15g}"
        return f"{words} {self.unit}".rstrip()

    def accepts_near(self, given: object) -> str:
        """What the column accepts, in words: of many categories those that are most like what was given."""
        if self.type != "category" or not isinstance(given, str):
            return self.accepts
        return f"one of {some(self.categories, near=given, quoted=True)}"

    def schema(self) -> dict[str, Any]:
        """JSON schema of one value."""
        if self.type == "category":
            choices: list[object] = list(self.categories)
            schema: dict[str, object] = {"enum": [*choices, None] if self.missing else choices}
            if self.other:
                schema = {"type": ["string", "null"] if self.missing else "string", "examples": choices}
        else:
            schema = {"type": [self.type, "null"] if self.missing else self.type}
            limits = {"minimum": self.low, "maximum": self.high}
            schema |= {key: limit for key, limit in limits.items() if limit is not None}
        unknown = f"An unknown text counts as {self.other!r}." if self.other else ""
        words = " ".join(filter(None, [self.description, f"In {self.unit}." if self.unit else "", unknown]))
        return schema | ({"description": words} if words else {})


def extremes_of(column: Column) -> list[float]:
    """Values at the ends of what a column takes, absent ones among them where it may be absent."""
    if column.type == "category":
        values = [float(index) for index in range(len(column.categories))]
    else:
        low = column.low if column.low is not None else min(-1e3, (column.high or 0.0) - 1e3)
        high = column.high if column.high is not None else max(1e3, low + 1e3)
        low, high = max(low, -FLOAT32_MAX), min(high, FLOAT32_MAX)
        if column.type == "integer":
            low, high = float(math.ceil(low)), float(math.floor(high))
        middle = (low + high) / 2
        values = [low, float(round(middle)) if column.type == "integer" else middle, high]
    return [*values, np.nan] if column.missing else values


def render_cell(column: Column, value: np.float32) -> object:
    """An encoded value as JSON has it: a number, a category's word, or None."""
    if np.isnan(value):
        return None
    if column.type == "category":
        return column.categories[int(value)]
    # JSON encoders take no integer beyond 64 bits, and few readers one beyond 53.
    return int(value) if column.type == "integer" and abs(value) < 2**53 else float(str(value))
