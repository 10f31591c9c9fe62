"""Why a configuration does not compose, in one line that suggests the right word."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from omloop.core import ConfigError, Place, Project, did_you_mean, first_line, shown
from omloop.loop.project.schema import Root, compose

LOG = logging.getLogger("omloop.configure")

_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    int | None: "a whole number, or null",
    list[str]: "a list of texts",
    dict[str, float]: "keys of its own with a number each",
}


def explain(project: Project, overrides: Sequence[str], error: Exception) -> ConfigError:
    """The error that suggests the right key or option, or explains a wrong value, with its file and line."""
    from hydra.errors import MissingConfigException, OverrideParseException

    if ambiguous := re.match("Ambiguous value for argument '(.*)'", str(error)):
        given = f"'{ambiguous[1]}' may be a text or several values."
        return ConfigError(f"{given} Write a text in quotes of its own: \"name='a, b'\"; several as name=[a,b].")
    if isinstance(error, OverrideParseException):
        given = f"'{error.override}' cannot be read."
        step = "Write name=value; a value with special characters in quotes of its own: \"name='a[b]'\"."
        return ConfigError(f"{given} {step}")
    path = _file_in(project, error)
    if isinstance(error, MissingConfigException):
        return ConfigError(_unknown_option(error), Place(str(path)) if path else None)
    known = sorted({*_keys(project, overrides), *_groups(project)})
    for word in overrides:
        key = word.partition("=")[0]
        if word[:1] not in "+~" and key not in known and not path:
            near = did_you_mean(key, known) or _listing(known)
            return ConfigError(f"There is no configuration key '{key}'.{near}")
    cause: Any = error.__cause__ or error.__context__ or error
    key = getattr(cause, "full_key", None) or ""
    reason = _reason(cause, key) or ": ".join(filter(None, [key, f"{first_line(cause)}."]))
    return ConfigError(reason, _place(path, key), key) if path else ConfigError(reason)


def place_of(project: Project, overrides: Sequence[str], key: str) -> Place | None:
    """Where the project's `conf/` sets a key such as `data.quality`; None if it does not, or an override may have.

    If several of the files chosen by the overrides and `config.yaml` set it, it names all of them.
    """
    given = [word.lstrip("+~").partition("=")[0] for word in overrides]
    if any(f"{one}.".startswith(f"{key}.") for one in given):
        return None
    if any(key.startswith(f"{one}.") and one not in ("data", "model") for one in given):
        return None
    folder = (project.folder or Path()) / "conf"
    chosen = compose(project, overrides)
    groups = {"data": str(chosen.data.source), "model": str(chosen.model.name)}
    groups |= {group: option for group, _, option in (word.partition("=") for word in overrides) if "." not in group}
    files = [folder / "config.yaml", *(folder / group / f"{option}.yaml" for group, option in groups.items())]
    found = [place for path in files if path.is_file() and (place := _place(path, key)).line]
    return found[0] if len(found) == 1 else Place(" or ".join(map(str, found))) if found else None


def _reason(cause: object, path: str) -> str:
    """The fault of the key at `path` or of its value, in words; nothing for an unknown fault."""
    from omegaconf.errors import ConfigKeyError, ValidationError

    key, holder = getattr(cause, "key", None), getattr(cause, "object_type", None)
    names = [one.name for one in fields(holder)] if isinstance(holder, type) and is_dataclass(holder) else []
    if isinstance(cause, ConfigKeyError):
        return f"there is no key '{path}'.{did_you_mean(str(key), names)}{_listing(names)}"
    if isinstance(cause, ValidationError) and key in names:
        hint = get_type_hints(holder)[key]
        wanted = "keys of its own" if is_dataclass(hint) else _WORDS.get(hint, f"of the type {hint}")
        return ConfigError.wrong_value(None, path, shown(cause.value), wanted).reason
    if isinstance(cause, ValidationError) and holder is Root:
        sections = [one.name for one in fields(Root) if is_dataclass(get_type_hints(Root)[one.name])]
        return f"a number or a text stands where keys belong. Keys of their own have: {', '.join(sections)}."
    return ""


def _file_in(project: Project, error: Exception) -> Path | None:
    """The file of the project's `conf/` that Hydra was reading, None where the fault is not in a file."""
    found = re.match(r"In '([^']+)'", str(error))
    path = (project.folder or Path()) / "conf" / f"{found[1]}.yaml" if found else None
    return path if path is not None and path.is_file() else None


def _place(path: Path, key: str) -> Place:
    """The file with the line of a key, which the file may name without the group of options that it belongs to."""
    from omloop.alert.plain_yaml import read_plain

    lines, parts = read_plain(path).lines, tuple(key.split("."))
    own = 1 if path.parent.name == parts[0] else 0  # a file of a group names its keys without the group
    line = next((lines[parts[start:]] for start in (0, own) if parts[start:] in lines), 0)
    return Place(str(path), line)


def _unknown_option(error: Any) -> str:
    group, _, option = str(error.missing_cfg_file or "").rpartition("/")
    options = [name for name in error.options or [] if not name.startswith("base_") or option.startswith("base_")]
    return f"{group or 'config'}={option} is not known.{did_you_mean(option, options)}{_listing(options)}"


def _groups(project: Project) -> Iterator[str]:
    """Names of the groups of options that the project's `conf/` has, such as `experiment`."""
    yield from (path.name for path in ((project.folder or Path()) / "conf").iterdir() if path.is_dir())


def _listing(known: Sequence[str]) -> str:
    return f" There are: {', '.join(known)}." if known else ""


def _keys(project: Project, overrides: Sequence[str]) -> Iterator[str]:
    """Every possible key, with the groups that the overrides choose, as far as those compose."""
    from omegaconf import OmegaConf

    groups = [word for word in overrides if "=" in word and "." not in word.partition("=")[0]]
    for chosen in (groups, [word for word in groups if word.startswith(("model=", "data="))], []):
        try:
            composed: Any = OmegaConf.to_container(compose(project, chosen))
        except Exception as error:  # what does not compose is being explained already
            LOG.debug("cannot compose %s: %s", chosen, error)
            continue
        yield from _flat(composed, "")
        return


def _flat(values: Mapping[Any, Any], prefix: str) -> Iterator[str]:
    for name, value in values.items():
        yield f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
