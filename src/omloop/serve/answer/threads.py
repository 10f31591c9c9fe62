"""Worker threads with a bounded queue: the event loop never waits for a model, and nobody waits behind too many."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import Refusal

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Runs functions in threads; it refuses more than `limits.pending` at once. Use it from one event loop."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._pending = 0
        self._pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="omloop-serve")

    def admit(self) -> None:
        """Raise Refusal 429 if the queue is full: checked before receiving a body and again before queueing it."""
        if self._pending >= self._limits.pending:
            message = f"{self._pending} requests are waiting already; try again in a second"
            raise Refusal(429, message, headers={"Retry-After": "1"})

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `function`, from a worker thread; raises Refusal 429 when the queue is full."""
        self.admit()
        self._pending += 1
        self._metrics.in_flight.add()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))
        finally:
            self._pending -= 1
            self._metrics.in_flight.add(by=-1.0)

    def close(self) -> None:
        """Take no more work; what runs finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def run_apart(function: Callable[[], T]) -> T:
    """The result of `function`, from its own thread: a stopping server does not wait for a store that hangs.

    It would wait for threads of a pool, and so exceed its time to stop.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[Any], None], value: object) -> None:
        if not outcome.done():  # whoever waited may have left
            set_outcome(value)

    def work() -> None:
        try:
            told = outcome.set_result, function()
        except BaseException as error:  # raised again where somebody waits for it
            told = outcome.set_exception, error  # type: ignore[assignment]
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, *told)

    threading.Thread(target=work, name="omloop-apart", daemon=True).start()
    return await outcome
