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
    """How an answer is wanted: with what was observed of each example, without probabilities, or explained."""

    explain: bool = False
    brief: bool = False
    shap: bool = False


USUAL = AnswerForm()


@dataclass(slots=True, eq=False)
class Work:
    """A body to be answered. `done` is called once, on the event loop, when `status` and `answer` are there.

    `arrived` and `deadline` are readings of `time.perf_counter`: work that was not begun by its deadline is not begun
    at all. `explain` adds what was observed of each example to its answer, `brief` leaves out probabilities, and `shap`
    is for `omloop.serve.answer.explaining`, which asks the version that it was `answered_by`. Nobody waits any more for
    work that is `gone`. `key` is what the caller calls itself or its request, for the log; `request` is the request's
    id, for a refusal, `trace` its `traceparent`, if any. `size` is how large it is, `seconds` how long it is expected
    to take and `more_seconds` how much longer than one of a single row, `memory` what bytes that takes beside its body;
    the version `weighed_by` found that out, and `opened` is what it found of the body meanwhile. Where traces are made,
    `span` is that of its request, if that has one, and `times` are when its batch was begun, read, computed and
    recorded.
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
