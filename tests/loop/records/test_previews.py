from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omloop.core import Part
from omloop.kinds import Column, KindDefaults, Table
from omloop.loop.records.previews import fragments, previews

TABLE = Table((Column("hours", "number"),))
ROWS = Part(np.arange(90, dtype=np.float32)[:, None], np.arange(90) % 2, np.arange(90).astype(str))


class Rendered(KindDefaults):
    """A kind that says nothing of previews."""

    def __init__(self, *rows: Mapping[str, Any]) -> None:
        self.rows = [*rows]

    def render(self, examples: NDArray[Any]) -> list[Mapping[str, Any]]:
        return self.rows


def test_twelve_examples_of_each_class_are_shown() -> None:
    shown = previews(TABLE, ROWS, ("even", "odd", "never"))
    assert {name: len(found) for name, found in shown.items()} == {"even": 12, "odd": 12}
    assert "<dd>89.0</dd>" in shown["odd"][-1]


def test_twelve_rows_are_shown_where_a_number_is_predicted() -> None:
    (found,) = previews(TABLE, ROWS, ()).values()
    assert len(found) == 12


def test_a_kind_without_previews_is_shown_as_it_renders() -> None:
    kind = Rendered({"review": "<b>fine</b>"}, {"review": "x" * 900}, {"hours": 3})
    first, second, third = fragments(kind, np.empty(3))  # type: ignore[arg-type]
    assert first == "<p>&lt;b&gt;fine&lt;/b&gt;</p>" and third == "<p>3</p>"
    assert len(second) < 420 and second.endswith("...</p>")


def test_a_picture_in_base64_is_shown_as_a_picture() -> None:
    (shown,) = fragments(Rendered({"image": 'iVBORw0KGgo"onload='}), np.empty(1))  # type: ignore[arg-type]
    assert shown.startswith('<img src="data:image/png;base64,iVBORw0KGgo&quot;onload=')
