"""Who is answered when: nobody waits for a batch to fill, and whoever waited anyway goes together.

Requests that arrive in one turn of the event loop are answered in one run of the model, with one write to the log. A
cheap model runs on the loop itself; a dearer one in threads, so that health checks never wait behind it: while all
threads are busy requests queue, and the next free thread takes what has queued, up to the size that was measured to be
best. See docs/decisions/0018-batches-of-what-has-queued.md.
"""

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from omloop.serve.champion import Champion, Serving
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.predict import Predict
from omloop.serve.refusal import Refusal
from omloop.serve.work import Work

INLINE_BYTES = 32_768
"""A longer body is answered in a thread whatever the model costs: reading it alone would hold up the loop."""


class Engine:
    """Answers works by the champion of the moment. All its methods are for the event loop's thread."""

    def __init__(self, champion: Champion, predict: Predict, limits: Limits, metrics: Metrics) -> None:
        self._champion = champion
        self._predict = predict
        self._limits = limits
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="omloop-predict")
        self._idle = limits.workers
        self._waiting: deque[Work] = deque()
        self._running = 0
        self._scheduled = False
        self._sizes: Counter[int] = Counter()
        self._reasons: Counter[str] = Counter()

    def refusal(self) -> Refusal | None:
        """Why another work would not be taken now: asked before a body is received and again when it is there."""
        serving, pending = self._champion.serving, len(self._waiting) + self._running
        if serving is None:
            return no_version(self._champion)
        if pending >= self._limits.pending:
            return self._busy(f"{pending} requests are waiting already", 1.0)
        wait = self.queue_seconds
        if wait > self._limits.queue_s:
            return self._busy(f"a request would wait {wait:.1f} s, longer than the {self._limits.queue_s:g} s", wait)
        return None

    @property
    def queue_seconds(self) -> float:
        """How long a new work is expected to wait before it is begun."""
        serving = self._champion.serving
        return len(self._waiting) * serving.cost_s / self._limits.workers if serving else 0.0

    def submit(self, work: Work) -> None:
        """Take the work, or refuse it at once."""
        refusal = self.refusal()
        if refusal is not None:
            work.refuse(refusal)
            work.done(work)
            return
        self._waiting.append(work)
        self._metrics.in_flight.add()
        self._schedule()

    def describe(self) -> dict[str, Any]:
        """How requests are batched now, and how they were."""
        serving = self._champion.serving
        model = None
        if serving is not None:
            where = "on the event loop" if self._inline(serving) else "in threads"
            model = {"runs": where, "milliseconds_a_row": serving.cost_s * 1000, "largest_batch": serving.batch}
        return {
            "model": model,
            "threads": self._limits.workers,
            "waiting": len(self._waiting),
            "running": self._running,
            "expected_wait_ms": self.queue_seconds * 1000,
            "batches": {str(size): count for size, count in sorted(self._sizes.items())},
            "reasons": dict(self._reasons),
        }

    def close(self) -> None:
        """Take no more work; what runs finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Begin what can be begun now."""
        self._scheduled = False
        serving = self._champion.serving
        while self._waiting:
            if serving is None:
                self._refuse_waiting(no_version(self._champion))
                return
            inline = self._inline(serving) and len(self._waiting[0].content) <= INLINE_BYTES
            if not (inline or self._idle):
                return
            batch = self._take(serving, inline=inline)
            if batch and inline:
                self._predict.answer(serving, batch)
                self._deliver(batch)
                # The loop looks at its sockets before the next batch.
                if self._waiting:
                    self._schedule()
                return
            if batch:
                self._begin(serving, batch)

    def _inline(self, serving: Serving) -> bool:
        """Whether a run is so short that handing it to a thread would cost more than waiting for it."""
        return serving.cost_s < self._limits.inline_s

    def _begin(self, serving: Serving, batch: list[Work]) -> None:
        self._idle -= 1
        loop = asyncio.get_running_loop()

        def ended(_: Future[None]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                loop.call_soon_threadsafe(self._end, batch)

        self._pool.submit(self._predict.answer, serving, batch).add_done_callback(ended)

    def _end(self, batch: list[Work]) -> None:
        self._idle += 1
        self._deliver(batch)
        self._pump()

    def _take(self, serving: Serving, *, inline: bool) -> list[Work]:
        """The oldest works, as many as go well together; those that nobody waits for any more are left out."""
        now = time.perf_counter()
        batch: list[Work] = []
        while self._waiting and len(batch) < serving.batch:
            if inline and len(self._waiting[0].content) > INLINE_BYTES:
                break
            work = self._waiting.popleft()
            if work.gone or now > work.deadline:
                self._drop(work)
            else:
                batch.append(work)
                self._metrics.queue.observe(now - work.arrived)
        if batch:
            self._running += len(batch)
            self._sizes[len(batch)] += 1
            self._reasons["full" if len(batch) >= serving.batch else "all that had come"] += 1
        return batch

    def _drop(self, work: Work) -> None:
        self._metrics.in_flight.add(by=-1.0)
        work.refuse(Refusal(504, "the time that the request allowed was over before work on it began; send it again"))
        work.done(work)

    def _deliver(self, batch: list[Work]) -> None:
        self._running -= len(batch)
        self._metrics.in_flight.add(by=-float(len(batch)))
        for work in batch:
            work.done(work)

    def _refuse_waiting(self, refusal: Refusal) -> None:
        while self._waiting:
            work = self._waiting.popleft()
            self._metrics.in_flight.add(by=-1.0)
            work.refuse(refusal)
            work.done(work)

    def _busy(self, reason: str, wait: float) -> Refusal:
        return Refusal(429, f"{reason}; try again in a second", headers={"Retry-After": str(max(1, math.ceil(wait)))})


def no_version(champion: Champion) -> Refusal:
    """What a client is told while nothing serves, with what to do."""
    if champion.problem is None:
        return Refusal(503, "no version is champion yet; train and promote one with: omloop turn PROJECT")
    return Refusal(503, "the champion was refused and no other version serves", extra={"problem": champion.told()})
