"""How a server serves, beside what it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.serve.access.guard import Guard
from omloop.serve.answer.explaining import Explain
from omloop.serve.limits import Limits

if TYPE_CHECKING:
    from omloop.serve.traces import Traces  # the extra `otel`


@dataclass(frozen=True)
class LastLook:
    """A watch's last report: `read` gives it as JSON values, None before the first look, and `page` makes HTML of it.

    `read` may take its time, and raises OmloopError if the report is unreadable.
    """

    read: Callable[[], Mapping[str, Any] | None]
    page: Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class ServerOptions:
    """How one server serves, whatever it serves.

    `limits` bound what it takes at a time. It looks for another version every `poll_s` seconds. With `strict`, it never
    answers what it cannot record. `compat` names the other servers whose addresses it also answers, `cors` the origins
    whose pages may ask. `look` is the answer of `GET /v1/drift`. `guard` says who may ask what; without one everybody
    may, except other pages. `traces` makes spans of requests; without it there are none.
    `explain` says what an answer depends on; without it nobody may ask that.
    """

    limits: Limits = field(default_factory=Limits)
    poll_s: float = 0.5
    strict: bool = True
    compat: Sequence[str] = ()
    cors: Sequence[str] = ()
    look: LastLook | None = None
    guard: Guard | None = None
    traces: Traces | None = None
    explain: Explain | None = None
