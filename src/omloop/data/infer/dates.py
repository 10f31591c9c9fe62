"""Which dates a column of texts holds: ISO 8601, or one of the usual patterns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import polars

DateType = Literal["date", "datetime"]
_ISO = r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?\s*$"
_MIDNIGHT = r"[T ]00:00(:00([.,]0+)?)?\s*(Z|[+-]00:?00)?\s*$"
_DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d/%b/%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%y"),
)
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
FORMATS = (*map("".join, product(_DAYS, _TIMES)), "%a %b %d %H:%M:%S %Y", "%Y-%m-%d %I:%M:%S %p")
_FIRST = 200
YEARS = (1800, 2200)
"""Dates outside of these are numbers that happen to be spelt like one."""


@dataclass(frozen=True)
class Dates:
    """The format of a column of dates: `format` is "" for ISO 8601, `unsure` names another that fits as well."""

    type: DateType
    format: str
    reason: str
    unsure: str = ""


def find_dates(texts: polars.Series) -> Dates | None:
    """The format of the dates, if all texts but the empty ones are dates; else None."""
    present = texts.filter(texts.str.strip_chars() != "").unique(maintain_order=True)
    if not len(present):
        return None
    what: DateType
    if present.str.contains(_ISO).all():
        timed = bool((present.str.contains(r"\d:\d") & ~present.str.contains(_MIDNIGHT)).any())
        valid = present.str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        if valid.null_count():
            return None
        zone = " with a zone" if present.str.contains(r"\d(Z|[+-]\d{2}:?\d{2})\s*$").any() else ""
        what = "datetime" if timed else "date"
        return Dates(what, "", f"{'dates and times' if timed else 'dates'} in ISO 8601{zone}, such as {present[0]}")
    found = [pattern for pattern in FORMATS if _fits(present, pattern)]
    if not found:
        return None
    pattern, other = _day_first(present, found)
    what = "datetime" if "%H" in pattern or "%I" in pattern else "date"
    order = {"%d": "the day", "%m": "the month", "%Y": "the year", "%b": "the month", "%B": "the month"}
    first = order.get(pattern[:2], "the weekday")
    shown = present[0].strip()
    reason = f"{'dates and times' if what == 'datetime' else 'dates'} with {first} first ({pattern}), such as {shown}"
    return Dates(what, pattern, reason, other)


def seconds_of(texts: polars.Series, dates: Dates) -> polars.Series:
    """Seconds since 1970 (UTC if a date names no zone) of each date, float64; null without a date."""
    import polars

    if dates.format:
        return _parsed(texts.str.strip_chars(), dates.format).dt.epoch("ms").cast(polars.Float64) / 1000
    known = texts.drop_nulls().unique()
    seconds = [_iso_seconds(text) for text in known.to_list()]
    return texts.replace_strict(known, polars.Series(seconds, dtype=polars.Float64), default=None)


def _iso_seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip().replace(",", "."))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _fits(present: polars.Series, pattern: str) -> bool:
    """Whether all texts follow the pattern; it tries the first ones first."""
    for texts in (present.head(_FIRST), present):
        parsed = _parsed(texts.str.strip_chars(), pattern)
        if parsed.null_count():
            return False
        years = parsed.dt.year()
        if years.min() < YEARS[0] or years.max() > YEARS[1]:  # type: ignore[operator]
            return False
    return pattern != "%Y%m%d" or bool(present.str.len_chars().eq(8).all())


def _parsed(texts: polars.Series, pattern: str) -> polars.Series:
    import polars

    timed = "%H" in pattern or "%I" in pattern
    if timed:
        return texts.str.to_datetime(pattern, strict=False)
    return texts.str.to_date(pattern, strict=False).cast(polars.Datetime("us"))


def _day_first(present: polars.Series, found: list[str]) -> tuple[str, str]:
    """The pattern to take, and the other that fits as well, if the order of day and month is ambiguous.

    Of the first of each month the day is always the same. Otherwise the order that makes the file rise is the right
    one. If neither rises, the day comes first, as in most of the world.
    """
    rivals = [one for one in found if one.startswith(("%d/%m", "%m/%d", "%d-%m", "%m-%d"))]
    if len(rivals) < 2:
        return found[0], ""
    first, second = rivals[:2]
    scores = []
    for pattern in (first, second):
        moments = _parsed(present.str.strip_chars(), pattern)
        days, months = moments.dt.day().n_unique(), moments.dt.month().n_unique()
        steps = np.diff(moments.dt.epoch("s").to_numpy())
        scores.append((days < months, bool(len(steps)) and max((steps > 0).mean(), (steps < 0).mean())))
    return (second, first) if scores[1] > scores[0] else (first, second)
