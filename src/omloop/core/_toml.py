"""Settings files in TOML: what they say, and on which line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from omloop.core._errors import Place, SettingError

MOST_BYTES = 1 << 20
_WORD = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_PATH = rf"{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*"
_VALUE = r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s#]*)"""
_LINE = re.compile(
    rf"^[ \t]*(?:\[+[ \t]*(?P<table>{_PATH})[ \t]*\]|(?P<key>{_PATH})[ \t]*=[ \t]*(?P<value>{_VALUE}))", re.MULTILINE
)


def read_toml(path: Path) -> str:
    """The text of a settings file, empty if it does not exist; raises SettingError if it is unreadable."""
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SettingError(
                f"it is larger than {MOST_BYTES:,} bytes, and a few lines do. Is it another file?", place
            )
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingError(f"it cannot be read: {error.strerror}. Check its rights, or move it away.", place) from error
    except UnicodeDecodeError as error:
        raise SettingError(f"this is not valid TOML: {error}. Save it as UTF-8.", place) from error


def toml_table(text: str, path: Path) -> dict[str, Any]:
    """What a text in TOML says; raises SettingError with the line where it is none."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise SettingError("this is not valid TOML: it nests without end.", Place(str(path))) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+), ", str(error))  # else at the end; the error's `lineno` is of Python 3.14
        place = Place(str(path), int(found[1]) if found else len(text.splitlines()))
        raise SettingError(f"this is not valid TOML: {error}.", place) from error


def toml_lines(text: str) -> dict[tuple[str, ...], re.Match[str]]:
    """Where a text begins a table and where it sets a key, by the path of each. The groups are `table`, `key`, `value`.

    It looks at lines one by one, so it may take a line within a multi-line text for one of them.

    >>> sorted(toml_lines("port = 1\\n[log]\\ndays = 2"))
    [('log',), ('log', 'days'), ('port',)]
    """
    table: tuple[str, ...] = ()
    found: dict[tuple[str, ...], re.Match[str]] = {}
    for line in _LINE.finditer(text):
        path = tuple(word.strip("\"'") for word in re.findall(_WORD, line["table"] or line["key"]))
        table, path = (path, path) if line["table"] else (table, (*table, *path))
        found.setdefault(path, line)
    return found


def toml_line(path: tuple[str, ...], text: str) -> int:
    """The number of the line that sets a key or begins a table, else of the key's table; 0 if neither exists."""
    lines = toml_lines(text)
    below = next((at for at in lines if at[: len(path)] == path), path[:-1])
    return text.count("\n", 0, lines[below].start()) + 1 if below in lines else 0
