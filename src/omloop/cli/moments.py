"""Moments as people write and read them."""

from datetime import UTC, datetime

from omloop.core import OmloopError


def local_text(seconds_since_1970: float) -> str:
    """A moment as this machine's clock shows it, with its zone."""
    return datetime.fromtimestamp(seconds_since_1970).astimezone().isoformat(" ", timespec="seconds")


def seconds_at(text: str) -> float:
    """Seconds since 1970 of a moment such as 2026-11-21T14:00, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OmloopError(f"'{text}' is not a time. Write it as 2026-11-21T14:00 (UTC).") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
