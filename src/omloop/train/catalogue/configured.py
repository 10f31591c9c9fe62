"""A model of the catalogue with other defaults than its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields, make_dataclass
from typing import Any, get_type_hints

from omloop.core import ConfigError, Fitted, Job, Model, did_you_mean, some


def configured(
    config: type,
    fit: Callable[[Job[Any, Any]], Fitted],
    options: Mapping[str, object],
    extra: str = "train",
    *,
    needs_validation: bool | Callable[[Any], bool] = True,
) -> Model:
    """The model whose configuration has `options` as its defaults, in place of those of `config`.

    Raises ConfigError for an option that it does not have, and for a value of another type.

    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Tree:
    ...     name: str = "tree"
    ...     leaves: int = 16
    >>> configured(Tree, lambda job: None, {"leaves": 3}).config().leaves
    3
    >>> configured(Tree, lambda job: None, {"leafs": 3})
    Traceback (most recent call last):
    ...
    omloop.ConfigError: The model 'tree' has no option 'leafs'. Did you mean 'leaves'? There are: leaves.
    """
    if not options:
        return Model(config, fit, extra, needs_validation=needs_validation)
    types = get_type_hints(config)
    name = str(config().name)
    known = [one.name for one in fields(config) if one.name != "name"]
    changed = []
    for option, value in options.items():
        if option not in known:
            raise ConfigError(
                f"The model '{name}' has no option '{option}'.{did_you_mean(option, known)} There are: {some(known)}."
            )
        given = _as_type(value, types[option])
        if given is None:
            wanted = getattr(types[option], "__name__", str(types[option]))
            raise ConfigError(f"The option {option}={value!r} of the model '{name}' is no {wanted}.")
        metadata = {one.name: one.metadata for one in fields(config)}[option]
        changed.append((option, types[option], _default(given, metadata)))
    own = make_dataclass(config.__name__, changed, bases=(config,), namespace={"__doc__": config.__doc__})
    own.__module__ = config.__module__
    own()  # says which value does not fit
    return Model(own, fit, extra, needs_validation=needs_validation)


def _as_type(value: object, wanted: Any) -> object | None:
    """The value as a field of the type holds it; None where it is of another type."""
    kind = getattr(wanted, "__origin__", wanted)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (list, tuple) and isinstance(value, list | tuple):
        held: object = kind(value)
        return held
    right = isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
    return value if right else None


def _default(value: object, metadata: Mapping[Any, Any]) -> Any:
    if isinstance(value, list):
        return field(default_factory=lambda: list(value), metadata=metadata)
    return field(default=value, metadata=metadata)
