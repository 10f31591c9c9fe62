"""What a server is told of how to serve, beside what it serves."""

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
    """What a watch told last: `read` gives it as JSON values, None before the first look, and `page` makes HTML of it.

    `read` may take its time, and raises OmloopError where that cannot be read.
    """

    read: Callable[[], Mapping[str, Any] | None]
    page: Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class ServerOptions:
    """How one server serves, whatever it serves.

    `limits` bound what it takes at a time. It looks for another version every `poll_s` seconds. With `strict`, what
    cannot be recorded is not answered. `compat` names the other servers whose addresses are answered too, `cors` the
    origins whose pages may ask. `look` is what `GET /v1/drift` tells. `guard` says who may ask what;
    without one everybody may, but other pages. `traces` makes spans of requests; without it there are none.
    `explain` says what answers hang on; without it nobody may ask that.
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
