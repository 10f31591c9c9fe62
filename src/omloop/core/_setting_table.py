"""Composing settings: an argument, then an environment variable, then omloop.toml, then a default."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any, Literal, get_args, get_origin, get_type_hints

from omloop.core._errors import Place, SettingError, shown
from omloop.core._settings import RoomSettings, Settings
from omloop.core._toml import read_toml, toml_line, toml_table

FILE = "omloop.toml"
PREFIX = "OMLOOP_"
_NUMBER = re.compile(r"\s*-?[0-9]{1,9}\s*")


@dataclass(frozen=True)
class Setting:
    """One setting: its section in omloop.toml (empty: the top) and its key there, its name elsewhere, its type."""

    name: str
    section: str
    key: str
    kind: Any
    default: str | int

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"{PREFIX}{self.name.upper()}"

    def checked(self, value: object, place: Place, name: str = "") -> str | int:
        """The parsed value; raises SettingError for one that does not fit, with the `name` that the setting has there.

        A number may be a text, as in a variable.
        """
        words = get_args(self.kind) if get_origin(self.kind) is Literal else ()
        if type(self.default) is int:
            (bounds,) = self.kind.__metadata__
            number = int(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
            if type(number) is int and bounds.least <= number <= bounds.most:
                return number
            works = f"a whole number from {bounds.least} to {bounds.most}"
        elif isinstance(value, str | PurePath) and (not words or value in words):
            return str(value)
        else:
            works = " or ".join(words) or "a text"
        raise SettingError.wrong_value(place, name or self.name, shown(value), works, known=words)


@dataclass(frozen=True)
class SettingTable:
    """All settings: those of `Settings`, and those that rooms declare.

    `rooms` maps the prefix of a room's settings outside of its section, such as `log_`, to `module:class`. It imports a
    room's file once someone names a setting that may be the room's.
    """

    rooms: Mapping[str, str]

    def load(
        self,
        given: Mapping[str, Any] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Settings:
        """Compose the settings: `given` (None values do not count), then `OMLOOP_*`, then omloop.toml, then defaults.

        `folder` is where to look for omloop.toml (by default the current folder). Raises SettingError for a key that
        does not exist or a value that does not fit.
        """
        path = (folder or Path.cwd()) / FILE
        values = self.read(read_toml(path), path)
        for variable, text in (os.environ if environ is None else environ).items():
            setting = self.find(variable.removeprefix(PREFIX).lower()) if variable.startswith(PREFIX) else None
            if setting and text:
                values[setting] = setting.checked(text, Place(variable))
        place = Place("arguments")
        for name, value in (given or {}).items():
            if value is not None:
                setting = self.named(name, place)
                values[setting] = setting.checked(value, place)
        rooms: dict[str, dict[str, Any]] = {setting.section: {} for setting in values}
        for setting, value in values.items():
            rooms[setting.section][setting.key] = value
        return replace(Settings(), **rooms.pop("", {}), rooms=rooms)

    def read(self, text: str, path: Path) -> dict[Setting, str | int]:
        """What the text of an omloop.toml sets, whether within a section or at the top."""
        values: dict[Setting, str | int] = {}
        for setting, key, value, place in self._lines(text, path):
            if setting in values:
                raise SettingError(f"'{setting.name}' is set twice, at the top and in its section.", place, key)
            values[setting] = setting.checked(value, place, key)
        return values

    def _lines(self, text: str, path: Path) -> Iterator[tuple[Setting, str, Any, Place]]:
        """Each setting with the name that it goes by there, its value, and the place."""
        for key, value in toml_table(text, path).items():
            place, section = Place(str(path), toml_line((key,), text)), self._section(key)
            if section and not isinstance(value, dict):
                works = f"a section: [{key}], and its settings below"
                raise SettingError.wrong_value(place, key, shown(value), works)
            if not section:
                yield self.named(key, place, table=isinstance(value, dict)), key, value, place
                continue
            for inner, one in value.items():
                place = Place(str(path), toml_line((key, inner), text))
                if inner not in section:
                    raise SettingError.unknown_key(place, inner, section, what="setting", of=f"[{key}]")
                yield section[inner], f"{key}.{inner}", one, place

    def every(self) -> dict[str, Setting]:
        """Every setting by its name."""
        return {one.name: one for prefix, declared in self._declared() for one in _settings(prefix, declared)}

    def find(self, name: str) -> Setting | None:
        """The setting of that name, if there is one."""
        found = (one for prefix, declared in self._declared(name) for one in _settings(prefix, declared))
        return next((one for one in found if one.name == name), None)

    def named(self, name: str, place: Place, *, table: bool = False) -> Setting:
        """The setting of that name; raises SettingError if there is none and a `table` took the name for a section."""
        if found := self.find(name):
            return found
        if table:
            sections = [declared.SECTION for _, declared in self._declared() if declared.SECTION]
            raise SettingError.unknown_key(place, name, sections, what="section")
        raise SettingError.unknown_key(place, name, self.every(), what="setting")

    def _section(self, name: str) -> dict[str, Setting]:
        """The settings of a section by their keys; none if the section does not exist."""
        of_name = ((prefix, declared) for prefix, declared in self._declared(name) if name and name == declared.SECTION)
        return {one.key: one for prefix, declared in of_name for one in _settings(prefix, declared)}

    def _declared(self, name: str | None = None) -> Iterator[tuple[str, type[RoomSettings]]]:
        """Prefixes of settings, and who declares them; given a `name`, only those that may declare it."""
        yield "", Settings
        for prefix, path in self.rooms.items():
            if name is None or f"{name}_".startswith(prefix):
                module, _, attribute = path.partition(":")
                yield prefix, getattr(importlib.import_module(module), attribute)


def _settings(prefix: str, declared: type[RoomSettings]) -> list[Setting]:
    kinds = get_type_hints(declared, include_extras=True)
    return [
        Setting(f"{prefix}{one.name}", declared.SECTION, one.name, kinds[one.name], getattr(declared, one.name))
        for one in fields(declared)
        if one.name != "rooms"
    ]
