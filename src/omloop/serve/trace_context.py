"""The trace that a request is a part of, by its header `traceparent` (W3C Trace Context)."""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any, NamedTuple

HEADER = b"traceparent"
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
).fullmatch


class TraceContext(NamedTuple):
    """The trace of a request, in its own words, and the span of the request, if traces are on."""

    parent: str = ""
    span: Any = None


CURRENT: ContextVar[TraceContext] = ContextVar("omloop_trace", default=TraceContext())  # noqa: B039 - never changed
"""That of the request that this task answers."""


def parent_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The `traceparent` of a request with these headers, whatever it says; empty for none."""
    return next((value for name, value in headers if name == HEADER), b"").decode("latin-1")


def trace_id(parent: str) -> str:
    """The trace's id in the value of a `traceparent`; empty for anything else (section 3.2).

    >>> trace_id("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), trace_id("00-what")
    ('4bf92f3577b34da6a3ce929d0e0e4736', '')
    """
    found = _TRACEPARENT(parent) if parent else None
    return found[1] if found else ""
