"""What a page shows of a live example: a picture as an address of its content, else a few words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omloop.core import OmloopError
from omloop.report import number, picture_type
from omloop.report.verdict import words_of

if TYPE_CHECKING:
    from omloop.core import Kind

_BASE64 = re.compile(r"[A-Za-z0-9+/]+=*")
FIELDS = 12
"""How many fields of a row to show; a row of a table may have hundreds."""


def glimpse_of(kind: Kind, inputs: Mapping[str, object]) -> dict[str, str]:
    """A glimpse of a logged example, by field; for a table its first fields, and nothing if the log keeps none."""
    raw = kind.replay(inputs)
    if raw is None:
        return {}
    try:
        found = kind.glimpse(kind.encode({name: [value] for name, value in raw.items()}))[0]
    except (OmloopError, IndexError):
        return {}
    return shown_glimpse(found or dict([*raw.items()][:FIELDS]))


def shown_glimpse(glimpse: Mapping[str, object]) -> dict[str, str]:
    """A glimpse as a page takes it.

    >>> shown_glimpse({"photo": "/9j/4AAQSkZJRg==", "age": 31.0})
    {'photo': 'data:image/jpeg;base64,/9j/4AAQSkZJRg==', 'age': '31'}
    """
    return {name: _shown(value) for name, value in glimpse.items()}


def _shown(value: object) -> str:
    media_type = picture_type(value)
    if media_type and _BASE64.fullmatch(str(value)):  # a text may begin as a picture does
        return f"data:{media_type};base64,{value}"
    return number(value) if isinstance(value, float) else words_of(value)
