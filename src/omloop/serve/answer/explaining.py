"""Explanations beside answers: one at a time, in a thread of their own, after the prediction is made and recorded.

No prediction waits for them, and they never cost an answer: where there is none, a client is told why.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Protocol

import orjson

from omloop.core import ExampleArray, InputError, OmloopError
from omloop.serve.answer.work import Work
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.bundle import Session
    from omloop.serve.version.serving import Serving

MOST_EXPLAINED = 16
"""Rows of a request that asks for explanations: each takes some thousand rows of the model."""
WAITING = 4
"""Requests that wait for their explanations at most, the one that is explained among them."""
SECONDS = 2.0
"""Of the model, by the time that a row was measured to take, for the explanations of one request."""
MOST_SECONDS = 5.0
"""Of the clock, for the explanations of one request: a long text takes longer than those that were measured."""
MOST_ROWS = 50_000
"""Rows of the model for one explanation at most, however fast it is: memory grows with them."""

_log = logging.getLogger("omloop.serve")


class Explain(Protocol):
    """Explains answers of a version to examples, each within so many rows of the model.

    It calls `go_on` every now and then, which may raise to end it. Raises OmloopError for what cannot be explained.
    """

    def __call__(
        self, version: str, session: Session, examples: ExampleArray, rows: int, go_on: Callable[[], None], /
    ) -> Sequence[Mapping[str, object]]:
        """One JSON value an example."""


class Explaining:
    """Adds explanations to answers; `explain` is None where this server cannot. For the event loop's thread."""

    def __init__(self, explain: Explain | None) -> None:
        self._explain = explain
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="omloop-explain")
        self._waiting = 0

    def admit(self) -> None:
        """Raise Refusal unless an answer can be explained now."""
        if self._explain is None:
            told = "this server cannot explain answers; install it with: pip install 'omloop[explain]'"
            raise Refusal(400, told, code="not_supported")
        if self._waiting >= WAITING:
            told = f"{self._waiting} requests wait for their explanations; try again in a second, or without"
            raise Refusal(429, told, headers={"Retry-After": "1"})

    async def ask(self, ask: Callable[[], Awaitable[Work]], until: float, rows: Callable[[], int]) -> Work:
        """The answered work, with explanations if they are begun before `until` (of `time.perf_counter`).

        `rows` counts what it asks for. Raises Refusal as `admit` does, and for too many rows.
        """
        self.admit()
        self._waiting += 1
        try:
            if (count := await asyncio.to_thread(rows)) > MOST_EXPLAINED:
                told = f"{count:,} rows are too many to explain; send at most {MOST_EXPLAINED} a request"
                raise Refusal(422, told, field="rows")
            work = await ask()
            if work.status == 200 and work.answered_by is not None:
                run = asyncio.get_running_loop().run_in_executor
                await run(self._pool, self._add, work, work.answered_by, until)
            return work
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Explain nothing more; what runs finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _add(self, work: Work, serving: Serving, until: float) -> None:
        answered = orjson.loads(work.answer)
        given = answered["predictions"]
        explanations, problem = self._explained(work, serving, len(given), until)
        for one, explanation in zip(given, explanations, strict=True):
            one["explanation"] = explanation
            if problem:
                one["unexplained"] = problem
        work.answer = orjson.dumps(answered)

    def _explained(
        self, work: Work, serving: Serving, count: int, until: float
    ) -> tuple[Sequence[Mapping[str, object] | None], str]:
        """The explanations, or as many times nothing and the reason."""
        problem = "the time that the request allowed was over" if time.perf_counter() > until else ""
        if not problem and self._explain is not None:
            rows = int(min(MOST_ROWS, SECONDS / max(serving.row_s, 1e-9) / count))
            go_on = partial(_go_on, time.perf_counter() + MOST_SECONDS)
            try:
                examples, _ = serving.read(work.content, work.media_type)
                return self._explain(serving.version, serving.session, examples, rows, go_on), ""
            except InputError as error:
                problem = str(error)
            except Exception as error:
                if type(error) is OmloopError:  # its kin speak of stores and packages, which are nobody's business
                    return [None] * count, str(error)
                _log.exception("an answer could not be explained, request %s", work.request)
                problem = "a fault of the server; its log has the details"
        return [None] * count, problem


def _go_on(until: float) -> None:
    """Raise OmloopError when the time is over."""
    if time.perf_counter() > until:
        raise OmloopError(f"it took longer than {MOST_SECONDS:g} s; the command omloop explain takes its time")
