"""Options of a model that take a word of a few, or a number within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, fields
from typing import Any

from omloop.core import ConfigError, did_you_mean


def word(default: str, known: Sequence[str]) -> Any:
    """A field of a configuration that is one of the `known` words."""
    return field(default=default, metadata={"known": tuple(known)})


def number(default: float, *, low: float = 0, below: float = float("inf")) -> Any:
    """A field of a configuration that is a number from `low` on and under `below`."""
    return field(default=default, metadata={"low": low, "below": below})


class Options:
    """The options of a model; raises ConfigError for a value that an option does not take."""

    def __post_init__(self) -> None:
        for one in fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            value = getattr(self, one.name)
            if known := one.metadata.get("known"):
                _require_known(one.name, value, known)
            elif "low" in one.metadata:
                _require_within(one.name, value, one.metadata["low"], one.metadata["below"])


def _require_known(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        listing = f" There are: {', '.join(known)}."
        raise ConfigError(
            f"model.{name}={given} is not known.{did_you_mean(given, known)}{listing}", key=f"model.{name}"
        )


def _require_within(name: str, given: float, low: float, below: float) -> None:
    if not low <= given < below:
        limits = f"from {low:g} on" if below == float("inf") else f"from {low:g} on and less than {below:g}"
        raise ConfigError(f"model.{name}={given:g} does not fit: it must be a number {limits}.", key=f"model.{name}")
