"""What stands for an absent value among raw ones."""

from __future__ import annotations


def is_absent(value: object) -> bool:
    """Whether a raw value is None, an empty text or NaN."""
    return value is None or bool(value == "" or value != value)  # noqa: PLR0124  NaN
