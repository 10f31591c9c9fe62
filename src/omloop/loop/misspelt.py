"""Why a configuration does not compose, in one line that names what was probably meant."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omloop.core import Project, did_you_mean
from omloop.loop.schema import compose

LOG = logging.getLogger("omloop.configure")


def explain(project: Project, overrides: Sequence[str], error: Exception) -> str:
    """Say which key or option was meant, or what is wrong with a value."""
    from hydra.errors import MissingConfigException, OverrideParseException

    if isinstance(error, OverrideParseException):
        given = f"'{error.override}' cannot be read."
        return f"{given} Write name=value; quote a value with special characters: name='a b'."
    if isinstance(error, MissingConfigException):
        return _unknown_option(error)
    known = sorted({*_keys(project, overrides), *_groups(project)})
    for word in overrides:
        key = word.partition("=")[0]
        if word[:1] not in "+~" and key not in known:
            return f"There is no configuration key '{key}'.{did_you_mean(key, known) or _listing(known)}"
    cause = error.__cause__ or error
    reason = str(cause).strip().splitlines()[0]
    where = getattr(cause, "full_key", None)
    return f"{where}: {reason}." if where else f"{reason}."


def _unknown_option(error: Any) -> str:
    group, _, option = str(error.missing_cfg_file or "").rpartition("/")
    options = [name for name in error.options or [] if not name.startswith("base_")]
    return f"{group or 'config'}={option} is not known.{did_you_mean(option, options)}{_listing(options)}"


def _groups(project: Project) -> Iterator[str]:
    """Names of the groups of options that the project's `conf/` has, such as `experiment`."""
    yield from (path.name for path in ((project.folder or Path()) / "conf").iterdir() if path.is_dir())


def _listing(known: Sequence[str]) -> str:
    return f" There are: {', '.join(known)}."


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
