"""The input kind of given examples: columns with the ranges and the words that the examples and the model show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omloop.core import DataError, some
from omloop.kinds import Column, Image, Table

if TYPE_CHECKING:
    from omloop.loop.turn.given.examples import GivenExamples

UNKNOWN = ("other", "unknown", "(other)", "(another)")
"""Names for an undeclared word: the first one that is not declared."""


def table_of(
    examples: GivenExamples,
    fields: Sequence[str],
    known: Mapping[str, Sequence[object]],
    closed: Collection[str] = (),
) -> Table:
    """A table of the examples' columns called `fields`; `known` are the values that a model's encoder has for a column.

    A column that is `closed` takes no others. Raises DataError for a column that a table cannot hold.
    """
    return Table(
        tuple(_column(name, examples.columns[name], known.get(name, ()), closed=name in closed) for name in fields)
    )


def image_of(pictures: Sequence[Any]) -> Image:
    """The kind of pictures, all of one size; raises DataError for others."""
    shapes = {np.shape(one)[:2] for one in pictures if not isinstance(one, bytes)}
    if len(shapes) != 1:
        raise DataError(
            "The pictures are of several sizes, or the bytes of files. Say to which one the model was trained on: "
            "inputs=omloop.kinds.Image(width=..., height=...)."
        )
    ((height, width),) = shapes
    first = np.shape(pictures[0])
    return Image(width=int(width), height=int(height), channels=1 if len(first) == 2 or first[2] == 1 else 3)


def _column(name: str, values: Sequence[Any], known: Sequence[object], *, closed: bool) -> Column:
    present = [value for value in values if value not in (None, "")]
    missing, types = len(present) < len(values), {type(value) for value in present}
    if not present:
        raise DataError(f"The column '{name}' holds no value at all. Give examples that have it, or leave it out.")
    if types <= {str}:
        _require_alike(name, "words", known, str)
        return _category(name, present, [word for word in known if isinstance(word, str)], missing, closed=closed)
    if types <= {bool}:
        return Column(name, "boolean", missing=missing)
    if types <= {int, float, bool}:
        _require_alike(name, "numbers", known, (int, float, np.number))
        numbers = [float(one) for one in known if isinstance(one, int | float | np.number)] if closed else ()
        return _number(name, present, numbers, missing, whole=types <= {int})
    told = ", ".join(sorted(one.__name__ for one in types))
    raise DataError(
        f"The column '{name}' holds values of {told}, and a model that is added reads numbers, truth values and words. "
        "Make numbers of it before training, such as days or hours."
    )


def _require_alike(name: str, what: str, known: Sequence[object], types: Any) -> None:
    """Let values pass if an encoder of the model knows some; raises DataError if it knows only others."""
    others = [one for one in known if one is not None and one == one]  # noqa: PLR0124  NaN
    if others and not any(isinstance(one, types) for one in others):
        told = some([str(one) for one in others], quoted=True)
        raise DataError(
            f"The column '{name}' holds {what}, and the model was fitted on {told} there. Give such values."
        )


def _number(name: str, values: Sequence[Any], known: Sequence[float], missing: bool, *, whole: bool) -> Column:
    from omloop.data.infer.limits import find_limits

    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).all():
        raise DataError(f"The column '{name}' holds an infinite number. Give finite ones, or None for an absent one.")
    low, high = (float(min(known)), float(max(known))) if known else find_limits(numbers)
    return Column(name, "integer" if whole else "number", low=low, high=high, missing=missing)


def _category(name: str, values: Sequence[str], known: Sequence[str], missing: bool, *, closed: bool) -> Column:
    """The words of the model, or where it tells none those of the examples; any other counts as one that is unknown."""
    import polars

    from omloop.data.infer.features import category_of
    from omloop.data.infer.profile import profile

    words = tuple(known) or category_of(profile(polars.Series(name, values))).categories
    other = "" if closed else unknown_word(words)
    return Column(name, "category", categories=words, missing=missing, other=other)


def unknown_word(words: Collection[str]) -> str:
    """A word that is none of `words`."""
    return next(word for word in UNKNOWN if word not in words)
