"""A packed column of texts: it takes a few bytes a text, where a list of Python texts takes some sixty."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

if TYPE_CHECKING:
    import polars
    from numpy.typing import NDArray

EXACT = 2.0**53
"""float64 holds every integer below."""
SAMPLE = 1000
"""Texts of which it is guessed whether most are different."""
_AT_ONCE = 1 << 14


class TextColumn(Sequence["str | None"]):
    """Texts of a file, None where one is absent: a sequence that makes a Python text on demand.

    It is equal to any sequence of the same texts. `column[rows]` of an array of positions is a column again. A column
    is immutable; `list(column)` is not.
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

    def to_polars(self) -> polars.Series:
        """The column itself."""
        return self._texts

    def numbers(self) -> NDArray[np.float64] | None:
        """All texts as numbers, NaN for an empty or absent text; None unless each is a plain number below 2**53."""
        import polars

        found = self._texts.cast(polars.Float64, strict=False)
        if found.null_count() != self._texts.null_count() + int((self._texts == "").sum()):
            return None
        return plain_numbers(found)

    def distinct(self) -> tuple[Sequence[str | None], NDArray[np.int64]] | None:
        """Each different text once, and which of those every value is; None where most are different."""
        import polars

        if not len(self) or self._texts.head(SAMPLE).n_unique() > max(1, min(SAMPLE, len(self)) // 2):
            return None
        words = self._texts.unique(maintain_order=True)
        places = polars.Series(range(len(words)), dtype=polars.Int64)
        return words.to_list(), self._texts.replace_strict(words, places, return_dtype=polars.Int64).to_numpy()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TextColumn):
            return self._texts.equals(other._texts)
        if isinstance(other, str) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == same for one, same in zip(self, other, strict=True))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"TextColumn([{shown}{', ...' if len(self) > 3 else ''}], {len(self)} texts)"


def plain_numbers(numbers: polars.Series) -> NDArray[np.float64] | None:
    """The numbers of texts, NaN where there was none; None if a text says NaN, or if a number is 2**53 or more."""
    values = numbers.to_numpy()
    if np.count_nonzero(np.isnan(values)) != numbers.null_count() or (np.abs(values) >= EXACT).any():
        return None
    return values
