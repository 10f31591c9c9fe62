"""Batching: nobody waits for a batch to fill, and requests that waited anyway go together.

One run of the model answers all requests of one turn of the event loop, with one write to the log. A cheap model runs
on the loop itself. A costlier one runs in threads, so that health checks never wait behind it. While all threads are
busy, requests queue. The next free thread takes the queue, up to the best measured size. See
docs/decisions/0018-batches-of-what-has-queued.md.
"""

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from omloop.serve.answer.budget import MemoryBudget
from omloop.serve.answer.canary import Canary
from omloop.serve.answer.lane import Lane, together
from omloop.serve.answer.predict import Predict
from omloop.serve.answer.shadows import Shadows
from omloop.serve.answer.work import USUAL, AnswerForm, Size, Work
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import Refusal
from omloop.serve.trace_context import CURRENT
from omloop.serve.version.champion import Champion
from omloop.serve.version.serving import Serving
from omloop.serve.version.trials import Candidate

INLINE_BYTES = 32_768
"""A thread answers a longer body, whatever the model costs: just reading it would hold up the loop."""
TURN_S = 0.005
"""How long the event loop answers before it looks at its sockets again: new connections and health checks wait."""
MOST_TOGETHER = 64
"""The most requests to answer together on the event loop: more are no cheaper."""
RUN_S = 0.05
"""Several large requests never make a longer run: requests behind them would wait for all."""
ANSWER_TIMES = 10
"""What an answer takes as objects of Python, in the log and as JSON, times its length."""


class Batcher:
    """Answers works by the current champion. All its methods are for the event loop's thread.

    `answered` gets each work that has its answer, or its refusal.
    """

    def __init__(
        self,
        champion: Champion,
        predict: Predict,
        limits: Limits,
        metrics: Metrics,
        *,
        canary: Canary,
        shadows: Shadows,
        answered: Callable[[Work], None] | None = None,
    ) -> None:
        self.champion = champion
        self._trials = champion.trials
        self._canary = canary
        self._shadows = shadows
        self._predict = predict
        self._limits = limits
        self._metrics = metrics
        self._answered = answered
        self._pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="omloop-predict")
        self._idle = limits.workers
        self._waiting, self._tried = Lane(), Lane()
        self._running, self._running_s = 0, 0.0
        self.budget = MemoryBudget(limits.memory_bytes)
        self._scheduled = False
        self._sizes: Counter[int] = Counter()
        self._reasons: Counter[str] = Counter()

    def refusal(self) -> Refusal | None:
        """Why it would refuse another work now: asked before a body arrives and again when it is there."""
        serving, pending = self.champion.serving, len(self._waiting) + len(self._tried) + self._running
        if serving is None:
            return no_version(self.champion)
        if pending >= self._limits.pending:
            return self._busy(f"{pending} requests are waiting already", 1.0)
        wait = self.queue_seconds
        if wait > self._limits.queue_s:
            return self._busy(f"a request would wait {wait:.1f} s, longer than the {self._limits.queue_s:g} s", wait)
        return self.budget.refusal()

    @property
    def queue_seconds(self) -> float:
        """The expected wait of a new work before its start; it assumes that current runs are half done."""
        before = self._waiting.seconds + (0.0 if self._idle else self._running_s / 2)
        return before / self._limits.workers

    async def ask(
        self,
        content: bytes,
        media: str,
        arrived: float,
        until: float,
        form: AnswerForm = USUAL,
        *,
        key: str | None,
        request: str,
    ) -> Work:
        """The work of a body, once it has an answer; the rest is as in `Work`."""
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(work: Work) -> None:
            if not answered.done():
                answered.set_result(None)  # not the work: they would know each other, and the body would stay for long

        work = Work(content, media, done, arrived, until, *form, key=key, request=request)
        work.trace, work.span = CURRENT.get()
        self.submit(work)
        try:
            await answered
        except asyncio.CancelledError:
            work.gone = True
            raise
        return work

    def submit(self, work: Work) -> None:
        """Take the work, or refuse it at once."""
        serving = self.champion.serving
        refusal = self.refusal()
        if refusal is None and serving is not None:
            self._weigh(work, serving)
            refusal = self.budget.refusal(len(work.content), later=work.memory)
        if refusal is not None or serving is None:
            work.refuse(refusal or no_version(self.champion))
            work.done(work)
            return
        self.budget.take(len(work.content))
        candidate = self._trials.candidate
        if candidate is not None and self._for_canary(candidate, work):
            self._tried.append(work, candidate.serving)
        else:
            self._waiting.append(work, serving)
        self._metrics.in_flight.add()
        self._schedule()

    def _weigh(self, work: Work, serving: Serving) -> None:
        """Set the size of the work, and the memory that it takes meanwhile, beside its body."""
        rows, pixels, memory, work.opened = serving.kind.demand(work.content, work.media_type)
        work.weighed_by = serving
        rows, length = min(rows, self._limits.rows), len(work.content)  # what has more is refused
        work.size = Size(1, rows - 1, length, pixels)
        work.memory = memory + rows * ANSWER_TIMES * serving.answer_bytes

    def _for_canary(self, candidate: Candidate, work: Work) -> bool:
        """Whether the work waits for the canary: if it is its, and need not wait too long there."""
        wait = self._tried.seconds / self._limits.workers
        return wait <= self._limits.queue_s and self._canary.takes(candidate, work)

    def describe(self) -> dict[str, object]:
        """The batching now, and so far."""
        serving = self.champion.serving
        model = None
        if serving is not None:
            where = "on the event loop" if self._inline(serving) else "in threads"
            model = {"runs": where, "milliseconds_a_row": serving.cost_s * 1000, "largest_batch": self._most(serving)}
        return {
            "model": model,
            "threads": self._limits.workers,
            "waiting": len(self._waiting) + len(self._tried),
            "running": self._running,
            "expected_wait_ms": self.queue_seconds * 1000,
            "batches": {str(size): count for size, count in sorted(self._sizes.items())},
            "reasons": dict(self._reasons),
        }

    def close(self) -> None:
        """Take no more work; what runs finishes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._shadows.close()
        if self._predict.door is not None:
            self._predict.door.settle()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Begin all works that can begin now."""
        self._scheduled = False
        candidate = self._trials.candidate if self._tried else None
        serving = self.champion.serving
        if candidate is None:
            while self._tried and serving is not None:  # its trial was ended meanwhile
                self._waiting.append(self._tried.popleft(), serving)
            self._start(self._waiting, serving, None)
            return
        lanes: list[tuple[Lane, Serving | None, Candidate | None]]
        lanes = [(self._tried, candidate.serving, candidate), (self._waiting, serving, None)]
        if self._waiting and self._waiting.first.arrived < self._tried.first.arrived:
            lanes.reverse()
        for lane in lanes:
            self._start(*lane)

    def _start(self, lane: Lane, serving: Serving | None, candidate: Candidate | None) -> None:
        """Begin the works that can begin and wait for one version, the champion or the `candidate`."""
        while lane:
            if serving is None:
                self._refuse_waiting(no_version(self.champion))
                return
            inline = self._inline(serving) and _is_short(lane.first)
            if not (inline or self._idle):
                return
            most = self._most(serving)
            if inline:
                most = max(1, min(most, int(TURN_S / lane.pace.of(serving))))
            batch = self._take(lane, most, inline=inline)
            if not batch:
                if self._running:
                    return  # until there is memory for the next
                continue
            run = _Run(lane, serving, batch, time.perf_counter(), together(batch))
            if inline:
                self._answer(serving, candidate, batch)
                self._finish(run)
                # The loop looks at its sockets before the next batch.
                if lane:
                    self._schedule()
                return
            self._begin(run, candidate)

    def _answer(self, serving: Serving, candidate: Candidate | None, batch: list[Work]) -> None:
        if candidate is None:
            self._predict.answer(serving, batch)
        else:
            self._canary.answer(candidate, batch)

    def _inline(self, serving: Serving) -> bool:
        """Whether a run is so short that handing it to a thread would cost more than waiting for it."""
        return serving.cost_s < self._limits.inline_s

    def _most(self, serving: Serving) -> int:
        """The most requests to answer together.

        On the event loop nothing else would answer the rest meanwhile. One write to the log and one turn of the loop
        serve all, whatever the model itself gains from more rows. In threads the first of them would only wait.
        """
        return self._limits.batch or (MOST_TOGETHER if self._inline(serving) else serving.batch)

    def _begin(self, run: "_Run", candidate: Candidate | None) -> None:
        self._idle -= 1
        loop = asyncio.get_running_loop()

        def ended(_: Future[None]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                loop.call_soon_threadsafe(self._end, run)

        self._pool.submit(self._answer, run.serving, candidate, run.batch).add_done_callback(ended)

    def _end(self, run: "_Run") -> None:
        self._idle += 1
        self._finish(run)
        self._pump()

    def _finish(self, run: "_Run") -> None:
        run.lane.pace.add(run.serving, time.perf_counter() - run.began, run.size)
        self._deliver(run.batch)

    def _take(self, lane: Lane, most: int, *, inline: bool) -> list[Work]:
        """The oldest works, as many as go well together, without those that nobody waits for any more."""
        now, room = time.perf_counter(), TURN_S if inline else RUN_S
        batch: list[Work] = []
        while lane and len(batch) < most:
            work = lane.first
            room -= work.more_seconds
            if (batch and room < 0) or (inline and not _is_short(work)):
                break
            if (batch or self._running) and not self.budget.has(work.memory):
                break
            lane.popleft()
            if work.gone or now > work.deadline:
                self._drop(work)
            else:
                batch.append(work)
                self.budget.take(work.memory)
                self._running_s += work.seconds
                self._metrics.queue.observe(now - work.arrived)
        if batch:
            self._running += len(batch)
            self._sizes[len(batch)] += 1
            self._reasons["full" if len(batch) >= most else "all that had come"] += 1
        return batch

    def _drop(self, work: Work) -> None:
        self._metrics.in_flight.add(by=-1.0)
        work.refuse(Refusal(504, "the time that the request allowed was over before work on it began; send it again"))
        self._done(work)

    def _deliver(self, batch: list[Work]) -> None:
        self._running -= len(batch)
        self._metrics.in_flight.add(by=-float(len(batch)))
        for work in batch:
            self.budget.give(work.memory)
            # Sums of floats drift: whenever nothing runs it begins at 0 again.
            self._running_s = self._running_s - work.seconds if self._running else 0.0
            self._done(work)
        candidate = self._trials.candidate
        if candidate is not None and candidate.trial.mode == "shadow":
            # Behind what the event loop does to send these answers.
            asyncio.get_running_loop().call_soon(self._shadows.offer, candidate, batch)

    def _refuse_waiting(self, refusal: Refusal) -> None:
        while self._waiting:
            work = self._waiting.popleft()
            self._metrics.in_flight.add(by=-1.0)
            work.refuse(refusal)
            self._done(work)

    def _done(self, work: Work) -> None:
        self.budget.give(len(work.content))
        if self._answered is not None:
            self._answered(work)
        work.done(work)

    def _busy(self, reason: str, wait: float) -> Refusal:
        return Refusal(429, f"{reason}; try again in a second", headers={"Retry-After": str(max(1, math.ceil(wait)))})


class _Run(NamedTuple):
    """Works in one run, since `began`."""

    lane: Lane
    serving: Serving
    batch: list[Work]
    began: float
    size: Size


def _is_short(work: Work) -> bool:
    """Whether the event loop may answer the work itself: few bytes, and few pixels and rows in them."""
    return len(work.content) <= INLINE_BYTES and work.more_seconds <= TURN_S


def no_version(champion: Champion) -> Refusal:
    """The message for clients while nothing serves, with what to do."""
    if champion.problem is None:
        return Refusal(
            503, "no version is champion yet; train and promote one with: omloop turn PROJECT", code="not_ready"
        )
    told = "the champion was refused and no other version serves"
    return Refusal(503, told, code="not_ready", extra={"problem": champion.told()})
