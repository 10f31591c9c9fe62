"""Changing settings in the text of an omloop.toml; comments, order and whatever else is there stay."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omloop.core import SettingError, toml_table


def with_settings(text: str, values: Mapping[str, str | int]) -> str:
    """The text with `values`: each in its place where it was set before, else at the end.

    Raises SettingError for a text that is no TOML, or that sets one of them over several lines.

    >>> with_settings("threads = 4  # of eight\\n", {"threads": 2, "variant": "int8"})
    'threads = 2  # of eight\\nvariant = "int8"\\n'
    """
    before = toml_table(text, Path("omloop.toml"))
    for name, value in values.items():
        line = f"{name} = {json.dumps(value)}"
        place = re.compile(rf"""^[ \t]*["']?{name}["']?[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*'|[^\s#]*)""", re.MULTILINE)
        if name in before:
            text = place.sub(line.replace("\\", r"\\"), text, count=1)
        else:
            text += ("" if not text or text.endswith("\n") else "\n") + line + "\n"
    if _read(text) != {**before, **values}:
        raise SettingError(f"omloop.toml sets {' or '.join(values)} over several lines. Write each as NAME = VALUE.")
    return text


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
