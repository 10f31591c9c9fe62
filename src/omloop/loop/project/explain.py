"""Why a configuration does not compose, in one line that names what was probably meant."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from omloop.core import Project, did_you_mean
from omloop.loop.project.schema import Root, compose

LOG = logging.getLogger("omloop.configure")

_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def explain(project: Project, overrides: Sequence[str], error: Exception) -> str:
    """Say which key or option was meant, or what is wrong with a value, and in which line of which file it stands."""
    from hydra.errors import MissingConfigException, OverrideParseException

    if isinstance(error, OverrideParseException):
        given = f"'{error.override}' cannot be read."
        return f"{given} Write name=value; a value with special characters in quotes of its own: \"name='a[b]'\"."
    path = _file_in(project, error)
    if isinstance(error, MissingConfigException):
        return f"{path}: {_unknown_option(error)}" if path else _unknown_option(error)
    known = sorted({*_keys(project, overrides), *_groups(project)})
    for word in overrides:
        key = word.partition("=")[0]
        if word[:1] not in "+~" and key not in known and not path:
            return f"There is no configuration key '{key}'.{did_you_mean(key, known) or _listing(known)}"
    cause: Any = error.__cause__ or error.__context__ or error
    key = getattr(cause, "full_key", None) or ""
    reason = _reason(cause, key) or ": ".join(filter(None, [key, f"{str(cause).strip().splitlines()[0]}."]))
    return f"{_place(path, key)}: {reason}" if path else reason


def _reason(cause: Any, path: str) -> str:
    """What is wrong with the key at `path` or its value, in words; nothing for what is not understood."""
    from omegaconf.errors import ConfigKeyError, ValidationError

    key, holder = getattr(cause, "key", None), getattr(cause, "object_type", None)
    names = [one.name for one in fields(holder)] if isinstance(holder, type) and is_dataclass(holder) else []
    if isinstance(cause, ConfigKeyError):
        return f"there is no key '{path}'.{did_you_mean(str(key), names)}{_listing(names)}"
    if isinstance(cause, ValidationError) and key in names:
        hint = get_type_hints(holder)[key]
        wanted = _WORDS.get(hint) or ("keys of its own" if is_dataclass(hint) else "a list of texts")
        found = "nothing" if cause.value is None else f"'{cause.value!s:.60}'"
        return f"'{path}' must be {wanted}, but it is {found}."
    if isinstance(cause, ValidationError) and holder is Root:
        sections = [one.name for one in fields(Root) if is_dataclass(get_type_hints(Root)[one.name])]
        return f"a number or a text stands where keys belong. Keys of their own have: {', '.join(sections)}."
    return ""


def _file_in(project: Project, error: Exception) -> Path | None:
    """The file of the project's `conf/` that Hydra was reading, None where the fault is not in a file."""
    found = re.match(r"In '([^']+)'", str(error))
    path = (project.folder or Path()) / "conf" / f"{found[1]}.yaml" if found else None
    return path if path is not None and path.is_file() else None


def _place(path: Path, key: str) -> str:
    """The file with the line of a key, which the file may name without the group of options that it belongs to."""
    from omloop.alert.plain_yaml import read_plain

    lines, parts = read_plain(path).lines, tuple(key.split("."))
    line = next((lines[parts[start:]] for start in range(len(parts)) if parts[start:] in lines), None)
    return f"{path}, line {line}" if line else str(path)


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
    """Every key that could be set, with the groups that the overrides choose as far as those compose."""
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
