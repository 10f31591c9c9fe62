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
    """Backend of the runs, or its address, such as `files:/srv/runs`."""
    store: str = "files"
    """Backend of the versions, or its address, such as `files:/srv/versions`."""
    predictions: str = "files"
    """Backend of the prediction log, or its address, such as `postgres://omloop@db.example/omloop`."""
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = 8000
    """Port that the server listens on; 0 takes a free one."""
    threads: int = 1
    """Threads of one model run of a server, which has as many runs at once as cores; 0 asks the CPU quota."""
    drain_s: int = -1
    """Seconds for which a server that was told to end takes connections still; -1 is 0 on loopback, and 1 elsewhere."""
    workers: int = 1
    """Processes that serve, on one port."""
    batch: int = 0
    """Requests that one run of the model answers at most; 0 takes what is measured when a version is made ready."""
    memory_megabytes: int = 0
    """What requests take of a server's memory at most; 0 takes a quarter of the container's, or of the machine's."""
    variant: str = ""
    """Variant of the model that answers, such as `int8`; empty is the version's choice, `model` the one as packaged."""
    compat: str = ""
    """Other servers whose addresses a server answers too, divided by commas: `kserve`, `mlflow`, `former-service`."""
    cors: str = ""
    """Origins whose pages may ask a server from a browser, divided by commas, or `*`; empty allows none."""
    log_durability: str = "process"
    """What a recorded prediction survives: the death of the `process`, or of the machine, once it is on the `disk`."""
    log_policy: str = "strict"
    """`strict`: no answer without a record; `lenient`: answered all the same, counted as lost and told in the log."""
    log_inputs: str = "project"
    """What the prediction log keeps of inputs: as the `project` says, `everything`, or only what is `observed`."""
    log_segment_megabytes: int = 64
    """Size at which a segment of the prediction log is followed by a new one."""
    log_segment_hours: int = 24
    """Age at which a segment of the prediction log is followed by a new one."""
    log_days: int = 0
    """Days after which predictions are forgotten; 0 keeps them."""
    log_megabytes: int = 0
    """Size of a project's segments above which the oldest are forgotten; 0 sets no bound."""
    kaggle_url: str = "https://www.kaggle.com/api/v1"
    """Address of Kaggle's API."""


_CHOICES = {
    "log_durability": ("process", "disk"),
    "log_policy": ("strict", "lenient"),
    "log_inputs": ("project", "everything", "observed"),
}
_MOST_BYTES = 1 << 20
_LIMITS = {
    "port": (0, 65_535),
    "drain_s": (-1, 600),
    "workers": (1, 1_024),
    "batch": (0, 10_000),
    "memory_megabytes": (0, 100_000_000),
    "log_segment_megabytes": (1, 1_024),
    "log_segment_hours": (1, 8_760),
    "log_days": (0, 36_500),
    "log_megabytes": (0, 100_000_000),
}


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
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise SettingError(f"{path} is larger than {_MOST_BYTES:,} bytes, and a few lines do. Is it another file?")
        text = content.decode("utf-8-sig")
        table = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}. Check its rights, or move it away.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.") from error
    checked: dict[str, Any] = {}
    for name, value in table.items():
        checked |= _checked({name: value}, f"{path}{_line_of(name, text)}")
    return checked


def _line_of(name: str, text: str) -> str:
    """Where a file sets `name`, or has a table of that name."""
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}["']?[ \t]*[]=.]""", text, re.MULTILINE)
    return f", line {text.count(chr(10), 0, found.start()) + 1}" if found else ""


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
    if name in _CHOICES and value not in _CHOICES[name]:
        near, choices = did_you_mean(str(value), _CHOICES[name]), ", ".join(_CHOICES[name])
        raise SettingError(f"{where}: the setting '{name}' cannot be {value!r:.60}.{near} There are: {choices}.")
    if isinstance(value, str | PurePath):
        return str(value)
    raise SettingError(f"{where}: the setting '{name}' must be a text, but it is {value!r:.60}.")


def _whole_number(name: str, value: Any, where: str) -> int:
    least, limit = _LIMITS.get(name, (0, 1_024))
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else value
    if type(number) is int and least <= number <= limit:
        return number
    span = f"from {least} to {limit}"
    raise SettingError(f"{where}: the setting '{name}' must be a whole number {span}, but it is {value!r:.60}.")
