"""One request for predictions on its way from a socket to its answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from omloop.serve.refusal import Refusal


@dataclass(slots=True, eq=False)
class Work:
    """A body to be answered. `done` is called once, on the event loop, when `status` and `answer` are there.

    `arrived` and `deadline` are readings of `time.perf_counter`: work that was not begun by its deadline is not begun
    at all. `explain` adds what was observed of each example to its answer, `brief` leaves out probabilities. Nobody
    waits any more for work that is `gone`. `key` is what the caller calls itself or its request, for the log.
    """

    content: bytes
    media_type: str
    done: Callable[[Work], None]
    arrived: float
    deadline: float = math.inf
    explain: bool = False
    brief: bool = False
    status: int = 0
    answer: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    key: str | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal."""
        self.status, self.answer, self.headers = refusal.status, orjson.dumps(refusal.body), refusal.headers or {}
