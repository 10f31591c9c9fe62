"""A few examples of a dataset as small pieces of HTML, for the data report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape

import numpy as np
from numpy.typing import NDArray

from omloop.core import ExampleArray, Kind, Part
from omloop.report import picture_type

SHOWN = 12
LONGEST = 400


def previews(kind: Kind, part: Part, classes: tuple[str, ...]) -> dict[str, list[str]]:
    """Twelve examples of each class, or of the whole part where the answer is a number; spread evenly over it."""
    return {name: fragments(kind, part.examples[rows]) for name, rows in _groups(part, classes) if len(rows)}


def fragments(kind: Kind, examples: ExampleArray) -> list[str]:
    """A piece of HTML for each example: the `preview` of the kind, or else the values that `render` gives."""
    if own := kind.preview(examples):
        return own
    return ["".join(_shown(name, value) for name, value in row.items()) for row in kind.render(examples)]


def _groups(part: Part, classes: tuple[str, ...]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    if not classes:
        yield f"{min(SHOWN, len(part))} training examples", _spread(np.arange(len(part)))
    for index, name in enumerate(classes):
        yield name, _spread(np.flatnonzero(part.targets == index))


def _spread(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[np.linspace(0, len(rows) - 1, min(SHOWN, len(rows))).astype(np.int64)]


def _shown(name: str, value: object) -> str:
    """A value of one field: a picture where it is one in base64, else its text.

    >>> _shown("review", "<b>good</b>")
    '<p>&lt;b&gt;good&lt;/b&gt;</p>'
    """
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if media_type := picture_type(value):
        return f'<img src="data:{media_type};base64,{escape(words)}" alt="{escape(name)}" loading="lazy">'
    return f"<p>{escape(words if len(words) <= LONGEST else words[: LONGEST - 3] + '...')}</p>"
