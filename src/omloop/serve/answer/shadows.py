"""Shadows: the version on trial answers again what the champion has answered, for the log alone, when there is time.

See docs/decisions/0026-a-trial-beside-the-champion.md.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import orjson

from omloop.core import PROBE_KEY, Output, Predictions, Shadow
from omloop.serve.answer.work import Work
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.version.trials import Candidate

WAITING = 256
"""As many as `Limits.pending` lets wait for the champion."""
WAITING_BYTES = 32_000_000

_PAUSE_S = 0.002  # until it is looked again whether requests leave room
_GATHER_S = 0.005  # to wake for each work would cost the event loop more than to do it
_log = logging.getLogger("omloop.serve")


class Shadows:
    """Answers works a second time, in its own thread, while fewer requests are in hand than may run at once.

    At most `WAITING` works wait, with `WAITING_BYTES` of bodies; it drops and counts all others. Nobody waits for the
    thread, which starts with the first work. `limits` are the server's.
    """

    def __init__(self, predictions: Predictions, limits: Limits, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._predictions = predictions
        self._limits = limits
        self._metrics = metrics
        self._clock = clock
        self._there = threading.Condition()
        self._waiting: deque[tuple[Candidate, Work]] = deque()
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._closed = False
        self._told: Candidate | None = None

    def offer(self, candidate: Candidate, works: Sequence[Work]) -> None:
        """Take the candidate's share of delivered works; never waits for a model or for the log."""
        chosen = [work for work in works if work.status == 200 and candidate.takes(_key(work))]
        with self._there:
            for work in chosen:
                if len(self._waiting) >= WAITING or self._bytes + len(work.content) > WAITING_BYTES or self._closed:
                    self._metrics.shadow_dropped.add(candidate.serving.version)
                    continue
                self._waiting.append((candidate, work))
                self._bytes += len(work.content)
            if self._thread is None and self._waiting:
                self._thread = threading.Thread(target=self._run, name="omloop-shadow", daemon=True)
                self._thread.start()
            self._there.notify()

    def close(self) -> None:
        """Take no more, and drop the waiting works."""
        with self._there:
            self._closed = True
            self._there.notify()

    def _run(self) -> None:
        while not self._closed:
            with self._there:
                self._there.wait_for(lambda: self._waiting or self._closed)
            time.sleep(_GATHER_S)
            try:
                self._work()
            except Exception as error:  # whatever a store raises: the thread goes on
                _log.error("shadow answers could not be recorded, and are lost: %s", error)

    def _work(self) -> None:
        """Answer what waits now, and record it with one write."""
        with self._there:
            # What is taken no longer counts as waiting, or a slow model would have all that comes dropped.
            taken, self._bytes = list(self._waiting), 0
            self._waiting.clear()
        made: list[Shadow] = []
        for candidate, work in taken:
            while self._metrics.in_flight.value() >= self._limits.workers and not self._closed:
                time.sleep(_PAUSE_S)
            if self._closed:
                return
            made += self._answer(candidate, work)
        self._predictions.record_shadows(made)

    def _answer(self, candidate: Candidate, work: Work) -> Sequence[Shadow]:
        given, version = orjson.loads(work.answer)["predictions"], candidate.serving.version
        output = candidate.serving.output
        began = time.perf_counter()
        answers = self._answers(candidate, work, len(given))
        seconds = time.perf_counter() - began
        self._metrics.shadow_seconds.observe(seconds, version)
        for one, other in zip(given, answers, strict=True):
            result = "failed" if other is None else "agreed" if _agree(output, one, other) else "disagreed"
            self._metrics.shadow.add(version, result)
        moment = self._clock()
        return [
            Shadow(one["id"], moment, version, other, seconds * 1000) for one, other in zip(given, answers, strict=True)
        ]

    def _answers(self, candidate: Candidate, work: Work, rows: int) -> Sequence[Mapping[str, object] | None]:
        """The candidate's answers, or none if it cannot answer; the first failure is logged in full."""
        serving = candidate.serving
        try:
            examples, _ = serving.read(work.content, work.media_type)
            outputs = serving.session.run(examples).outputs
            if len(outputs) != rows or not np.isfinite(outputs).all():
                raise ValueError("it gives no finite answer to each row")
            return serving.output.answer(outputs)
        except Exception as error:  # whatever a model raises
            level = logging.DEBUG if self._told is candidate else logging.ERROR
            _log.log(level, "shadow %s cannot answer: %s", serving.version, error, exc_info=error)
            self._told = candidate
            return [None] * rows


def _agree(output: Output, one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return bool(output.agree(output.decisions([one]), output.decisions([other]))[0])


def _key(work: Work) -> str:
    """The caller's key, else the id of the first prediction, which is the first that the answer names."""
    if work.key and work.key != PROBE_KEY:
        return work.key
    return work.answer.partition(b'"id":"')[2].partition(b'"')[0].decode()
