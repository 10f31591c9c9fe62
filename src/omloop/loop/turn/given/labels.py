"""The answer of a given model: its classes or its number, and targets as it spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from omloop.core import DataError, NumberArray, Output, did_you_mean, some
from omloop.kinds import Classes, Number
from omloop.loop.turn.given.examples import plain_values

TARGET = "target"
MOST_CLASSES = 1_000


def target_values(targets: Any, count: int) -> list[Any]:
    """The targets, one an example; raises DataError for another number of them, and for one that is absent."""
    if hasattr(targets, "detach"):
        targets = targets.detach().cpu().numpy()
    if isinstance(targets, np.ndarray) and targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    if np.ndim(targets) > 1 or (hasattr(targets, "columns") and not hasattr(targets, "tolist")):
        raise DataError("The targets have several columns. Give one label or number for each example.")
    values = plain_values(targets)
    if len(values) != count:
        raise DataError(f"There are {count:,} examples and {len(values):,} targets. Give one target for each example.")
    absent = [row for row, value in enumerate(values) if value is None or value == ""]
    if absent:
        raise DataError(
            f"{len(absent):,} of {count:,} targets are absent, the first that of example {absent[0]}. Leave those "
            "examples out: nothing can be judged by them."
        )
    return values


def target_name(targets: Any, fields: Sequence[str]) -> str:
    """The name of the target: that of the series, unless it is an input."""
    name = getattr(targets, "name", None)
    called = str(name) if name and isinstance(name, str) else TARGET
    return f"{called}_target" if called in fields else called


def number(outputs: Output | Sequence[str] | None, name: str, values: Sequence[Any]) -> tuple[Output, NumberArray]:
    """The output of a regressor and the targets as numbers; raises DataError for targets that are none."""
    if outputs is not None and (isinstance(outputs, Sequence) or outputs.classes):
        raise DataError("The model answers a number, and `outputs` names classes. Leave it out, or give a Number.")
    output = outputs or Number(name)
    wrong = next((value for value in values if isinstance(value, str) or not np.isfinite(float(value))), None)
    if wrong is not None:
        raise DataError(f"The model answers a number, but a target is {wrong!r:.60}. Give numbers, or a classifier.")
    return output, output.encode(np.asarray(values, np.float64))


def spelt(value: Any) -> str:
    """The name of a class: 3.0 is `3`, and True is `true`.

    >>> spelt(np.True_), spelt(2.0), spelt("sad")
    ('true', '2', 'sad')
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def classes(
    outputs: Output | Sequence[str] | None, name: str, learned: Sequence[Any], values: Sequence[Any]
) -> tuple[Output, list[int], list[str]]:
    """The output of a classifier, the place of each class that it has `learned`, and the targets by their names.

    `outputs` may give the names, in the order of the learned classes if those are 0, 1, 2, ... Raises DataError for
    others, and for a target that is no class.
    """
    own = [spelt(one) for one in learned]
    output = Classes(name, tuple(outputs or own)) if outputs is None or isinstance(outputs, Sequence) else outputs
    given = output.classes
    if not given:
        raise DataError(f"The model answers classes ({some(own)}), and `outputs` is a number. Leave it out.")
    if len(given) > MOST_CLASSES or len(given) < 2:
        raise DataError(f"The model tells {len(given):,} classes apart. From 2 to {MOST_CLASSES:,} work.")
    named = _named(own, given)
    targets = [spelt(value) for value in values]
    targets = [word if word in given else named.get(word, word) for word in targets]
    if unknown := next((word for word in targets if word not in given), None):
        near = did_you_mean(unknown, given) or f" There are: {some(given)}."
        if outputs is None:
            near += " Where these are places, name them in that order: outputs=('no', 'yes')."
        raise DataError(f"The target {unknown!r:.60} is no class of the model.{near}")
    if len(set(targets)) < 2:
        raise DataError(f"All targets are {targets[0]!r:.60}. Give examples of two classes at least.")
    return output, [given.index(named[word]) for word in own], targets


def _named(own: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """The name of each class that a model knows."""
    if set(own) <= set(given):
        return {word: word for word in own}
    if list(own) == [str(place) for place in range(len(given))]:
        return dict(zip(own, given, strict=True))
    raise DataError(
        f"The model knows the classes {some(own)}, and `outputs` names {some(given)}. Give the same names, or leave "
        "`outputs` out."
    )
