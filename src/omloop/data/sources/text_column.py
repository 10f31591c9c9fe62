"""A column of texts as it was read: a few bytes a text, where a list of Python texts takes some sixty."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

_AT_ONCE = 1 << 14


class TextColumn(Sequence["str | None"]):
    """Texts of a file, None where one is absent: a sequence that makes a Python text when it is asked for one.

    It is equal to any sequence of the same texts. `column[rows]` of an array of positions is a column again. It cannot
    be changed; `list(column)` can.
    """

    __hash__ = None  # type: ignore[assignment]  # it is equal to lists, which have none

    def __init__(self, texts: polars.Series) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice | NDArray[np.int64]) -> Self: ...
    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice | np.ndarray):
            return type(self)(self._texts[place])
        return self._texts[operator.index(place)]

    def __iter__(self) -> Iterator[str | None]:
        for begin in range(0, len(self), _AT_ONCE):
            yield from self._texts.slice(begin, _AT_ONCE).to_list()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TextColumn):
            return self._texts.equals(other._texts)
        if isinstance(other, str) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == same for one, same in zip(self, other, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"TextColumn([{shown}{', ...' if len(self) > 3 else ''}], {len(self)} texts)"
