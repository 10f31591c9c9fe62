"""The options of adding a model, beside its examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

from omloop.core import ConfigError, Kind, Output, UnknownNameError
from omloop.promote import Rules


@dataclass(frozen=True)
class AddOptions:
    """The options of adding a model.

    `inputs` and `outputs` are the model's, as in a project; by default omloop infers them from the examples. `outputs`
    may also be the names of the classes. `names` are those of an array's columns. `answers` says whether a network
    answers `logits` or `probabilities`. The gate compares `metric` by `rules`. `promote` is `auto` or `ask`, as in a
    project's configuration.
    """

    inputs: Kind | None = None
    outputs: Output | Sequence[str] | None = None
    names: Sequence[str] | None = None
    answers: str | None = None
    metric: str = ""
    rules: Mapping[str, Any] = field(default_factory=dict)
    promote: str = "auto"
    seed: int = 42
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None

    @classmethod
    def of(cls, **given: Any) -> Self:
        """The options of that name; raises UnknownNameError for another, and ConfigError for an unknown `promote`."""
        known = [one.name for one in fields(cls)]
        for name in given:
            if name not in known:
                raise UnknownNameError("option of add_model", name, known)
        rules = [one.name for one in fields(Rules)]
        for name in given.get("rules", ()):
            if name not in rules:
                raise UnknownNameError("rule of the gate", name, rules)
        if given.get("promote", "auto") not in ("auto", "ask"):
            raise ConfigError(f"promote={given['promote']!r:.40} is not known; it is 'auto' or 'ask'.", key="promote")
        return cls(**given)
