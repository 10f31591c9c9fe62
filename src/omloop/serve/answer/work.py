"""One request for predictions on its way from a socket to its answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from omloop.serve.refusal import Refusal


class Size(NamedTuple):
    """How large requests are together: their number, rows beyond one each, bytes of bodies, pixels to decode."""

    works: int
    more_rows: int
    bytes: int
    pixels: int


ONE = Size(1, 0, 0, 0)


class AnswerForm(NamedTuple):
    """The wanted form of an answer: with each example's observed values, without probabilities, or explained."""

    explain: bool = False
    brief: bool = False
    shap: bool = False


USUAL = AnswerForm()


@dataclass(slots=True, eq=False)
class Work:
    """A body to answer. It calls `done` once, on the event loop, when `status` and `answer` are there.

    `arrived` and `deadline` are readings of `time.perf_counter`; work does not begin after its deadline. `explain` adds
    each example's observed values to its answer, `brief` leaves out probabilities. `shap` is for
    `omloop.serve.answer.explaining`, which asks the version that it was `answered_by`. Nobody waits any more for work
    that is `gone`. `key` is the caller's name for itself or its request, for the log. `request` is the request's id,
    for a refusal, and `trace` its `traceparent`, if any.

    `size` is its size, `seconds` its expected time, and `more_seconds` the time beyond that of a single row. `memory`
    is the bytes that it takes beside its body. The version `weighed_by` estimated these, and `opened` is what it found
    in the body meanwhile. With traces, `span` is that of its request, if any, and `times` are those of its batch:
    begun, read, computed and recorded.
    """

    content: bytes
    media_type: str
    done: Callable[[Work], None]
    arrived: float
    deadline: float = math.inf
    explain: bool = False
    brief: bool = False
    shap: bool = False
    status: int = 0
    answer: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    key: str | None = None
    request: str = ""
    trace: str = ""
    span: Any = None
    times: tuple[float, ...] = ()
    size: Size = ONE
    seconds: float = 0.0
    more_seconds: float = 0.0
    memory: int = 0
    opened: Any = None
    weighed_by: object = None
    answered_by: Any = None

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal."""
        self.status, self.answer, self.headers = refusal.status, refusal.encoded(self.request), refusal.headers or {}
