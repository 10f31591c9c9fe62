"""Changing settings in the text of an omloop.toml; comments, order and whatever else is there stay."""

import json
from collections.abc import Mapping
from pathlib import Path

from omloop.core import Place, Setting, SettingError, toml_lines
from omloop.loop.settings import SETTINGS

FILE = Path("omloop.toml")


def with_settings(text: str, values: Mapping[str, str | int]) -> str:
    """The text with `values`, each in its former place, else in its section, else at the top, before any section.

    Raises SettingError for a text that is no omloop.toml, or that sets one of them over several lines.

    >>> with_settings("threads = 4  # of eight\\n[log]\\ndays = 9\\n", {"threads": 2, "variant": "int8"})
    'threads = 2  # of eight\\nvariant = "int8"\\n[log]\\ndays = 9\\n'
    """
    wanted = {SETTINGS.named(name, Place("arguments")): value for name, value in values.items()}
    expected = SETTINGS.read(text, FILE) | wanted
    for setting, value in wanted.items():
        text = _with(text, setting, json.dumps(value))
    try:
        done = SETTINGS.read(text, FILE) == expected
    except SettingError:
        done = False
    if not done:
        told = f"{' or '.join(values)} or what stands before is written over several lines. Write each as NAME = VALUE."
        raise SettingError(told, Place(str(FILE)))
    return text


def _with(text: str, setting: Setting, value: str) -> str:
    lines, section = toml_lines(text), (setting.section,)
    before = lines.get((setting.name,)) or lines.get((*section, setting.key))
    if before and before["key"]:
        return text[: before.start("value")] + value + text[before.end("value") :]
    tables = [line.start() for line in lines.values() if line["table"]]
    if section in lines and lines[section]["table"]:
        place = max(line.start() for path, line in lines.items() if path[:1] == section)
        return _below(text, place, f"{setting.key} = {value}")
    keys = [line.start() for line in lines.values() if line["key"] and line.start() < min(tables, default=len(text))]
    if tables and not keys:
        return f"{setting.name} = {value}{_ending(text)}{text}"
    return _below(text, max(keys) if tables else len(text) - 1, f"{setting.name} = {value}")


def _below(text: str, place: int, line: str) -> str:
    """The text with a line below the one that `place` is in."""
    end = text.find("\n", max(place, 0)) + 1 or len(text)
    lead = "" if not end or text[end - 1] == "\n" else _ending(text)
    return f"{text[:end]}{lead}{line}{_ending(text)}{text[end:]}"


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
