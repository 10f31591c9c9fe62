"""A sweep that a project keeps: `conf/sweep/NAME.yaml`, asked for as `sweep=NAME`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from omloop.core import ConfigError, Project, UnknownNameError, shown
from omloop.loop.sweep.order import SweepOptions

if TYPE_CHECKING:
    from omloop.alert.plain_yaml import PlainYaml

GROUP = "sweep"
VARY, SHARED = "vary", "shared"
OPTIONS = {field.name: field.type for field in fields(SweepOptions) if field.name not in ("name", "study")}


def with_sweep_file(
    project: Project, words: Sequence[str], given: Mapping[str, Any]
) -> tuple[tuple[str, ...], SweepOptions]:
    """The words and options of a sweep: those of the file that a word `sweep=NAME` names, and the given ones.

    The given ones win.

    Raises UnknownNameError for a missing file, and ConfigError, with the line, for one that does not fit.
    """
    chosen = [word.partition("=")[2] for word in words if word.startswith(f"{GROUP}=")]
    rest = [word for word in words if not word.startswith(f"{GROUP}=")]
    if not chosen:
        return tuple(rest), SweepOptions(**given)
    folder = (project.folder or Path()) / "conf" / GROUP
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if chosen[-1] not in known:
        raise UnknownNameError("sweep", chosen[-1], known, next_step=f"Sweeps of a project lie in {folder}.")
    stored, options = _read(folder / f"{chosen[-1]}.yaml")
    own = {word.partition("=")[0] for word in rest}
    kept = [word for word in stored if word.partition("=")[0] not in own]
    return (*kept, *rest), SweepOptions(**{**options, **given})


def _read(path: Path) -> tuple[list[str], dict[str, Any]]:
    from omloop.alert.plain_yaml import read_plain

    read = read_plain(path)
    found = msgspec.yaml.decode(read.text)
    if not isinstance(found, dict):
        raise ConfigError(f"a sweep must be lines such as '{VARY}:' and 'trials: 40'.", read.place())
    known = [VARY, SHARED, *OPTIONS]
    for key in found:
        if key not in known:
            raise ConfigError.unknown_key(read.place(str(key)), str(key), known, of="a sweep")
    options = {key: _option(key, value, read) for key, value in found.items() if key in OPTIONS}
    try:
        SweepOptions(**options)
    except ConfigError as error:
        raise ConfigError(error.reason, read.place(error.key), error.key) from error
    varied = _varied(found[VARY], read) if VARY in found else []
    return [*_shared(found.get(SHARED, []), read), *varied], options


def _option(key: str, value: object, read: PlainYaml) -> Any:
    try:
        return msgspec.convert(value, {"str": str, "int": int, "float": float}[str(OPTIONS[key])])
    except msgspec.ValidationError as error:
        wanted = {"str": "a word", "int": "a whole number", "float": "a number"}[str(OPTIONS[key])]
        raise ConfigError.wrong_value(read.place(key), key, shown(value), wanted) from error


def _shared(found: object, read: PlainYaml) -> list[str]:
    if isinstance(found, list) and all(isinstance(word, str) and "=" in word for word in found):
        return found
    raise ConfigError.wrong_value(read.place(SHARED), SHARED, shown(found), "a list of words KEY=VALUE")


def _varied(found: object, read: PlainYaml) -> list[str]:
    if not isinstance(found, dict) or not found:
        wanted = "lines such as 'model.lr: log:1e-4,0.1' or 'model.hidden: [32, 64]'"
        raise ConfigError.wrong_value(read.place(VARY), VARY, shown(found), wanted)
    return [
        f"{key}={','.join(map(_word, value)) if isinstance(value, list) else value}" for key, value in found.items()
    ]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
