"""The form of a table file where it differs from the usual plain CSV: the options of `read_table`."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

from omloop.core import ConfigError, did_you_mean


@dataclass(frozen=True)
class TableOptions:
    """What a table file asks for; the defaults are those of a CSV in UTF-8.

    `separator` stands between the fields of a text file: a comma, or a tab in a file called .tsv, where it is "".
    `encoding` is the name of an encoding in Python. `decimal` and `thousands` are the form of numbers. If nine in ten
    values of a column are such numbers, it rewrites them with a point and without separators. `signs` are characters
    around numbers, such as "$%", that it removes too. `quote` surrounds a field that holds a separator. `skip` lines
    stand before the header. `sheet` names the sheet of an Excel workbook; "" is the first. `missing` are words for an
    absent value, in every column or, as a mapping, in the columns that it names. `strip` takes blanks away around names
    and texts. `rename` maps names in the file to those of the records. `number` names a column to add, which counts the
    records from 1 on.

    Raises ConfigError for an option that makes no sense.
    """

    separator: str = ""
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    signs: str = ""
    quote: str = '"'
    skip: int = 0
    sheet: str = ""
    missing: Sequence[str] | Mapping[str, Sequence[str]] = ()
    strip: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    number: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.missing, str):
            raise ConfigError(f"missing={self.missing!r} is one text. Write missing=({self.missing!r},).")
        for name, most in (("separator", 1), ("decimal", 1), ("thousands", 1), ("quote", 1)):
            if len(getattr(self, name)) > most:
                raise ConfigError(f"{name}={getattr(self, name)!r} is more than one character.")
        if self.decimal == self.thousands:
            raise ConfigError(f"decimal and thousands are both {self.decimal!r}, so a number means two things.")
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise ConfigError(f"encoding={self.encoding!r} is none that Python knows, such as cp1252.") from error

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """The options by name; raises ConfigError that names the nearest one for a name that there is not."""
        known = [one.name for one in fields(cls)]
        for name in options:
            if name not in known:
                raise ConfigError(f"A table has no option '{name}'.{did_you_mean(name, known)}")
        return cls(**options)

    def missing_in(self, column: str) -> Sequence[str]:
        """The words that stand for an absent value in a column."""
        return self.missing.get(column, ()) if isinstance(self.missing, Mapping) else self.missing

    def separator_of(self, suffix: str) -> str:
        """The separator of a file with such a suffix."""
        return self.separator or ("\t" if suffix.lower() in (".tsv", ".tab") else ",")
