"""Dates, with or without a time, as days and seconds since 1970-01-01 in UTC, and the numbers that models see.

The column's own strptime pattern reads a text, else ISO 8601 in its extended form. An offset converts to UTC, and a
time without one counts as UTC. It drops fractions of a second.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SECONDS = 86_400
"""Of a day."""
OF_A_DATE = ("year", "month", "day", "weekday", "sine of the year", "cosine of the year")
"""The numbers of a date; Monday is weekday 0."""
OF_A_TIME = ("second", "hour", "sine of the day", "cosine of the day")
"""Those of a time of day; `second` is of the day, to 86,399."""
_PARTS = {"Y": "year", "m": "month", "d": "day", "H": "hour", "M": "minute", "S": "second"}
_UNKNOWN = -(2**63)
_FIRST = date(1970, 1, 1).toordinal()
_PROBE = date(2001, 2, 3)


class Moments(NamedTuple):
    """Days since 1970-01-01 and seconds of the day, both int64 of shape (n,), and which of them are readable."""

    days: NDArray[np.int64]
    seconds: NDArray[np.int64]
    known: NDArray[np.bool_]


def parse_moments(values: Iterable[Any], pattern: str, *, times: bool) -> Moments:
    """Read texts, dates and datetimes, each distinct one once; without `times`, only those at midnight are dates.

    >>> parse_moments(["2024-01-31", "31.1.2024", "never"], "%d.%m.%Y", times=False).days.tolist()
    [19753, 19753, 0]
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        known = ~np.isnat(values)
        whole = np.where(known, values, np.datetime64(0, "s")).astype("datetime64[s]").astype(np.int64)
    else:
        given = [value if isinstance(value, str | date) else None for value in values]
        read = {value: _read(value, pattern) for value in set(given)}
        whole = np.array([read[value] for value in given], np.int64)
        known = whole != _UNKNOWN
    known = known if times else known & (whole % SECONDS == 0)
    whole = np.where(known, whole, 0)
    return Moments(whole // SECONDS, whole % SECONDS, known)


def reads_otherwise(pattern: str) -> bool:
    """Whether a pattern reads an ISO text as another moment than ISO does, such as `%Y-%d-%m`."""
    return _by_pattern(_PROBE.isoformat(), pattern) not in (None, datetime.combine(_PROBE, time()))


def derive(days: NDArray[np.int64], seconds: NDArray[np.int64], *, times: bool) -> NDArray[np.float32]:
    """The numbers `OF_A_DATE`, and with `times` also `OF_A_TIME`; shape (n, 6) or (n, 10)."""
    dates = days.astype("datetime64[D]")
    years, months = dates.astype("datetime64[Y]"), dates.astype("datetime64[M]")
    first, following = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    part = (dates - first) / (following - first)
    year, month = years.astype(np.int64) + 1970, months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    columns = [year, month, day, (days + 3) % 7, *_on_a_circle(part)]
    if times:
        columns += [seconds, seconds // 3600, *_on_a_circle(seconds / SECONDS)]
    return np.column_stack(columns).astype(np.float32)


def render_moments(derived: NDArray[np.float32]) -> list[str | None]:
    """ISO texts of what `derive` gave, None where absent; a time ends in Z."""
    absent = np.isnan(derived[:, 0])
    whole = np.where(absent[:, None], 1, np.nan_to_num(derived[:, :7])).astype(np.int64)
    texts = [f"{year:04}-{month:02}-{day:02}" for year, month, day in whole[:, :3].tolist()]
    if derived.shape[1] > len(OF_A_DATE):
        clocks = [f"{one // 3600:02}:{one // 60 % 60:02}:{one % 60:02}" for one in whole[:, 6].tolist()]
        texts = [f"{text}T{clock}Z" for text, clock in zip(texts, clocks, strict=True)]
    return [None if gone else text for text, gone in zip(texts, absent.tolist(), strict=True)]


def _on_a_circle(parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.sin(2 * np.pi * parts), np.cos(2 * np.pi * parts)


def _read(value: object, pattern: str) -> int:
    """Seconds since 1970-01-01, or `_UNKNOWN`."""
    found = _moment(value, pattern)
    if found is not None and found.tzinfo is not None:
        try:
            found = found.astimezone(UTC)
        except OverflowError:  # beyond the years 1 and 9999
            found = None
    if found is None:
        return _UNKNOWN
    return (found.toordinal() - _FIRST) * SECONDS + found.hour * 3600 + found.minute * 60 + found.second


def _moment(value: object, pattern: str) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if not isinstance(value, str):
        return None
    text = value.strip()
    found = _by_pattern(text, pattern) if pattern else None
    return _by_iso(text) if found is None else found


def _by_pattern(text: str, pattern: str) -> datetime | None:
    digits = _digits_of(pattern)
    found = digits(text) if digits else None
    try:
        if found is not None:
            return datetime(**{name: int(part) for name, part in found.groupdict().items()})  # type: ignore[arg-type]
    except ValueError:
        return None
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _digits_of(pattern: str) -> Callable[[str], re.Match[str] | None] | None:
    """What matches texts of a pattern that holds digits alone, all of full width: strptime takes five times as long."""
    literals, names = re.split("%(.)", pattern)[::2], re.split("%(.)", pattern)[1::2]
    if not set("Ymd") <= set(names) <= _PARTS.keys() or len(set(names)) < len(names):
        return None
    groups = [f"(?P<{_PARTS[name]}>[0-9]{{{4 if name == 'Y' else 2}}})" for name in names]
    expression = "".join(part + group for part, group in zip(map(re.escape, literals), [*groups, ""], strict=True))
    return re.compile(expression).fullmatch


def _by_iso(text: str) -> datetime | None:
    """The basic form, 20240131, needs a pattern: many other numbers look like it."""
    if text[4:5] != "-" or text[7:8] != "-" or text[10:11] not in ("", "T", "t", " "):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
