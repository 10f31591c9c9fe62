"""Settings: where things are kept here. Argument, environment variable, omloop.toml, default: in that order."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePath
from typing import Any

from omloop.core._errors import Place, SettingError, shown


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
    values = _from_toml((folder or Path.cwd()) / "omloop.toml")
    for name in _names():
        variable = f"OMLOOP_{name.upper()}"
        if environ.get(variable):
            values[name] = _typed(name, environ[variable], Place(variable))
    given = {name: value for name, value in (given or {}).items() if value is not None}
    values |= {name: _checked(name, value, Place("arguments")) for name, value in given.items()}
    return Settings(**values)


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


def _from_toml(path: Path) -> dict[str, Any]:
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise SettingError(
                f"it is larger than {_MOST_BYTES:,} bytes, and a few lines do. Is it another file?", place
            )
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(f"it cannot be read: {error.strerror}. Check its rights, or move it away.", place) from error
    except UnicodeDecodeError as error:
        raise SettingError(f"this is not valid TOML: {error}. Save it as UTF-8.", place) from error
    table = toml_table(text, path)
    return {name: _checked(name, value, Place(str(path), _line_of(name, text))) for name, value in table.items()}


def _line_of(name: str, text: str) -> int:
    """The line where a file sets `name`, or has a table of that name; 0 where it is not found."""
    found = re.search(rf"""^[ \t]*\[*[ \t]*["']?{re.escape(name)}["']?[ \t]*[]=.]""", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _names() -> list[str]:
    return [field.name for field in fields(Settings)]


def _checked(name: str, value: Any, place: Place) -> Any:
    if name not in _names():
        raise SettingError.unknown_key(place, name, _names(), what="setting")
    return _typed(name, value, place)


def _typed(name: str, value: Any, place: Place) -> str | int:
    if type(getattr(Settings, name)) is int:
        return _whole_number(name, value, place)
    choices = _CHOICES.get(name, ())
    if isinstance(value, str | PurePath) and (not choices or value in choices):
        return str(value)
    raise SettingError.wrong_value(place, name, shown(value), " or ".join(choices) or "a text", known=choices)


def _whole_number(name: str, value: Any, place: Place) -> int:
    least, most = _LIMITS.get(name, (0, 1_024))
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else value
    if type(number) is int and least <= number <= most:
        return number
    raise SettingError.wrong_value(place, name, shown(value), f"a whole number from {least} to {most}")
