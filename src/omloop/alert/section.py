"""One section of alerts.yaml, read by somebody who knows what belongs into it; errors say the line."""

import math
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from omloop.core import ConfigError, OmloopError, Place, seconds_of, shown


@dataclass(frozen=True)
class Section:
    """Keys with their values: still texts, lists of texts, or sections; `lines` are those of the keys.

    `what` names the section in errors. Methods raise ConfigError for unusable values.
    """

    what: str
    path: str
    line: int
    values: Mapping[str, "str | tuple[str, ...] | Section"] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def refusal(self, reason: str, key: str = "") -> ConfigError:
        """The error that says what is wrong, with the line of `key`, or of the section."""
        return ConfigError(f"{self.what}: {f'{key}: ' if key else ''}{reason}", self._place(key), key)

    def wrong(self, key: str, works: str, known: Collection[str] = ()) -> ConfigError:
        """The error that says what would work in place of the value of `key`."""
        value = self.values.get(key, "")  # what a list or a section holds may be secret, as addresses of chats are
        given = shown(value) if isinstance(value, str) else "a list" if isinstance(value, tuple) else "keys with values"
        return ConfigError.wrong_value(self._place(key), key, given, works, of=self.what, known=known)

    def _place(self, key: str) -> Place:
        return Place(self.path, self.lines.get(key, self.line))

    def only(self, *known: str) -> None:
        """Refuse unknown keys."""
        for key in self.values:
            if key not in known:
                raise ConfigError.unknown_key(self._place(key), key, known, of=self.what)

    def text(self, key: str) -> str:
        """A text, empty by default."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, "one text")
        return value

    def needed(self, key: str) -> str:
        """A text that must be there."""
        return self.text(key) or self._missing(key)

    def names(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of it."""
        value = self.values.get(key, "")
        if isinstance(value, Section):
            raise self.wrong(key, "a text or a list of texts")
        found = tuple(filter(None, (value,) if isinstance(value, str) else value))
        return found or ((self._missing(key),) if needed else ())

    def number(self, key: str) -> float | None:
        """A finite number, None by default."""
        text = self.text(key)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(key, "a number")
        return value

    def whole(self, key: str, default: int) -> int:
        """A whole number from 1 to 65535, such as a port."""
        value = self.number(key)
        if value is None:
            return default
        if not 1 <= value <= 65_535 or value != int(value):
            raise self.wrong(key, "a whole number from 1 to 65535")
        return int(value)

    def seconds(self, key: str) -> float:
        """A length of time, 0 by default."""
        text = self.text(key)
        try:
            return seconds_of(text) if text else 0.0
        except ValueError as error:
            raise self.wrong(key, "a length of time, such as 30s, 5m or 2h") from error

    def moment(self, key: str) -> float:
        """A moment that must be there, in seconds since 1970; it must say its time zone."""
        text = self.needed(key)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.wrong(key, "a moment, such as 2026-12-01T22:00+01:00") from error
        if moment.tzinfo is None:
            raise self.wrong(key, "a moment that ends with its time zone, Z or +01:00")
        return moment.timestamp()

    def choice(self, key: str, among: Collection[str], default: str) -> str:
        """One of some words."""
        text = self.text(key) or default
        if text not in among:
            raise self.wrong(key, " or ".join(among), among)
        return text

    def sections(self, key: str) -> "Mapping[str, Section]":
        """The sections under a key, by name; none where it stands alone."""
        value = self.values.get(key, "")
        if value == "":
            return {}
        if not isinstance(value, Section):
            raise self.wrong(key, "names, each with what belongs to it")
        return {name: value.section(name) for name in value.values}

    def section(self, key: str) -> "Section":
        """The section under a key; a key that stands alone is an empty one."""
        value, line = self.values[key], self.lines[key]
        if value != "" and not isinstance(value, Section):
            raise self.wrong(key, "keys with values")
        return value if isinstance(value, Section) else Section(f"'{key}'", self.path, line)

    def _missing(self, key: str) -> str:
        raise self.refusal(f"it needs {key}.")


def secret_in(variable: str) -> str:
    """The value of an environment variable; raises OmloopError, which names only the variable, if it is not set."""
    value = os.environ.get(variable, "")
    if not value:
        raise OmloopError(f"the environment variable {variable} is not set.")
    return value
