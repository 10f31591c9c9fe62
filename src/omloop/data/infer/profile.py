"""What one column of a frame holds: numbers, words, dates or truth values, how many are absent and how many differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from omloop.data.infer.dates import Dates, DateType, find_dates, seconds_of
from omloop.data.infer.words import FALSE, TRUE

if TYPE_CHECKING:
    import polars

Content = Literal["numbers", "words", "dates", "truths", "nested", "nothing"]
_PADDED = r"^\s*0\d+\s*$"
_TRUTHS = {frozenset({"true", "false"}), frozenset({"true"}), frozenset({"false"})}


@dataclass(frozen=True)
class Profile:
    """A column, looked through in all rows.

    `present` counts the values that are there, `distinct` how many of them differ. `counts` are the words with their
    numbers of rows, the most frequent first. `as_texts` says that the values come as texts, as of a CSV.
    """

    column: polars.Series
    content: Content
    rows: int
    present: int
    distinct: int
    as_texts: bool
    dates: Dates | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def missing(self) -> int:
        """How many values are absent."""
        return self.rows - self.present

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values as numbers, NaN if missing: for words the place in `counts`, for dates seconds."""
        return _numbers(self)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The different values as texts, with their numbers of rows: the most frequent first."""
        import polars

        texts = self.column if self.as_texts else self.column.cast(polars.String)
        found = texts.filter(texts.is_not_null() & (texts.str.strip_chars() != "")).alias("").value_counts()
        word, count = found.columns
        found = found.sort([count, word], descending=[True, False])
        return dict(zip(found[word].to_list(), found[count].to_list(), strict=True))

    @cached_property
    def whole(self) -> bool:
        """Whether it holds numbers, all of them integers."""
        known = self.numbers[~np.isnan(self.numbers)]
        return self.content == "numbers" and bool(len(known)) and bool((known == np.floor(known)).all())


def profile(column: polars.Series) -> Profile:
    """Look through a column."""
    import polars

    as_texts = column.dtype == polars.String
    if column.dtype.is_nested() or column.dtype in (polars.Object, polars.Binary, polars.Duration, polars.Time):
        present = len(column) - column.null_count()
        return Profile(column, "nested", len(column), present, present, as_texts)
    if column.dtype in (polars.Categorical, polars.Enum):
        column, as_texts = column.cast(polars.String), True
    known = column.filter(column.str.strip_chars() != "") if as_texts else column.drop_nulls()
    different = known.unique(maintain_order=True)
    content, dates = _content(different, as_texts=as_texts)
    return Profile(column, content, len(column), len(known), len(different), as_texts, dates)


def natural(text: str) -> list[tuple[int, float, str]]:
    """A key that sorts `item 9` before `item 10`.

    >>> sorted(["b10", "b9", "a"], key=natural)
    ['a', 'b9', 'b10']
    """
    parts = re.split(r"(\d+)", text)
    return [(0, float(part), "") if part.isdigit() else (1, 0.0, part) for part in parts if part]


def truth_order(words: list[str]) -> list[str] | None:
    """Two words for no and yes, no first; None where they are not."""
    lower = {word.strip().lower(): word for word in words}
    for yes, no in zip(TRUE, FALSE, strict=True):
        if len(words) == 2 and set(lower) == {yes, no}:
            return [lower[no], lower[yes]]
    return None


def _content(different: polars.Series, *, as_texts: bool) -> tuple[Content, Dates | None]:
    import polars

    if not len(different):
        return "nothing", None
    if not as_texts:
        if different.dtype.is_temporal():
            timed = different.dtype == polars.Datetime and bool((different.dt.time() != time(0)).any())
            what: DateType = "datetime" if timed else "date"
            return "dates", Dates(what, "", f"the file says that it holds a {what}")
        return ("truths" if different.dtype == polars.Boolean else "numbers"), None
    stripped = different.str.strip_chars()
    if stripped.cast(polars.Float64, strict=False).is_finite().fill_null(False).all():
        if not stripped.str.contains(_PADDED).any():
            dates = find_dates(different) if stripped.str.contains(r"^[12]\d{7}$").all() else None
            return ("dates", dates) if dates and len(different) > 1 else ("numbers", None)
        if stripped.str.len_chars().max() == 2:  # hours and months are padded too
            return "numbers", None
        return "words", None
    if len(different) <= 2 and frozenset(stripped.str.to_lowercase().to_list()) in _TRUTHS:
        return "truths", None
    dates = find_dates(different)
    return ("dates", dates) if dates else ("words", None)


def _numbers(one: Profile) -> NDArray[np.float64]:
    import polars

    column = one.column
    if one.content == "dates" and one.dates is not None:
        if one.as_texts:
            return _array(seconds_of(column, one.dates))
        return _array(column.cast(polars.Datetime("ms")).dt.epoch("ms").cast(polars.Float64) / 1000)
    if one.content == "numbers":
        return _array((column.str.strip_chars() if one.as_texts else column).cast(polars.Float64, strict=False))
    if one.content == "truths":
        if one.as_texts:
            lower = column.str.strip_chars().str.to_lowercase()
            return _array(
                polars.select(polars.when(lower != "").then(lower == "true")).to_series().cast(polars.Float64)
            )
        return _array(column.cast(polars.Float64))
    if one.content != "words":
        return np.full(one.rows, np.nan)
    words = polars.Series(list(one.counts), dtype=polars.String)
    return _array(column.replace_strict(words, polars.Series(np.arange(len(words), dtype=np.float64)), default=None))


def _array(column: polars.Series) -> NDArray[np.float64]:
    import polars

    return column.cast(polars.Float64).fill_null(float("nan")).to_numpy()
