"""Moments as people write them, in UTC."""

import time
from datetime import UTC, datetime

from omloop.core import OmloopError


def stamp(seconds: float) -> str:
    """A time as people write it, in UTC.

    >>> stamp(0.0)
    '1970-01-01 00:00:00'
    """
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def seconds_at(text: str) -> float:
    """Seconds since 1970 of a moment such as 2026-11-21T14:00, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OmloopError(f"'{text}' is not a time. Write it as 2026-11-21T14:00 (UTC).") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
