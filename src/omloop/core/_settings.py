"""Settings: where things are kept here. Argument, environment variable, omloop.toml, default: in that order."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePath
from typing import Any

from omloop.core._errors import SettingError, did_you_mean


@dataclass(frozen=True)
class Settings:
    """Every setting and its default. The environment variable of `workspace` is `OMLOOP_WORKSPACE`, and so on."""

    workspace: str = ".omloop"
    """Folder that holds runs, versions, predictions and downloads."""
    projects: str = "projects"
    """Folder with one project a sub-folder."""
    demo: str = ""
    """Project that `omloop demo` takes when none is named; the only one if there is only one."""
    track: str = "files"
    """Backend of the runs."""
    store: str = "files"
    """Backend of the versions."""
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = 8000
    """Port that the server listens on; 0 takes a free one."""
    threads: int = 0
    """Threads of one model run; 0 asks the container's CPU quota."""
    kaggle_url: str = "https://www.kaggle.com/api/v1"
    """Address of Kaggle's API."""


def load_settings(
    given: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Compose the settings: `given` (None values do not count), then `OMLOOP_*`, then omloop.toml, then defaults.

    `folder` is where omloop.toml is looked for (the current folder by default). Raises SettingError for a key that
    does not exist or a value of the wrong type.
    """
    environ = os.environ if environ is None else environ
    names = [field.name for field in fields(Settings)]
    values = _from_toml((folder or Path.cwd()) / "omloop.toml")
    for name in names:
        variable = f"OMLOOP_{name.upper()}"
        if environ.get(variable):
            values[name] = _typed(name, environ[variable], variable)
    values |= _checked({name: value for name, value in (given or {}).items() if value is not None}, "arguments")
    return Settings(**values)


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}. Check its rights, or move it away.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.") from error
    return _checked(table, str(path))


def _checked(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    names = [field.name for field in fields(Settings)]
    for name in table:
        if name not in names:
            raise SettingError(
                f"{where}: there is no setting '{name}'.{did_you_mean(name, names)} There are: {', '.join(names)}."
            )
    return {name: _typed(name, value, where) for name, value in table.items()}


def _typed(name: str, value: Any, where: str) -> Any:
    if type(getattr(Settings, name)) is int:
        return _whole_number(name, value, where)
    if isinstance(value, str | PurePath):
        return str(value)
    raise SettingError(f"{where}: the setting '{name}' must be a text, but it is {value!r}.")


def _whole_number(name: str, value: Any, where: str) -> int:
    limit = 65_535 if name == "port" else 1_024
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else value
    if type(number) is int and 0 <= number <= limit:
        return number
    raise SettingError(f"{where}: the setting '{name}' must be a whole number from 0 to {limit}, but it is {value!r}.")
