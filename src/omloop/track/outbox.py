"""The outbox of a mirror: a bounded queue, and a thread that sends. Putting something in never waits."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from omloop.core import LoggedStep, Mirror, MirrorRun, OmloopError, first_line, without_secrets

EVERY_S = 1.0
"""How often to send numbers."""
MOST_STEPS, AT_ONCE = 20_000, 1_000
"""The most logged steps that wait, and how many to send together."""
MOST_BYTES, MOST_FILE = 256_000_000, 64_000_000
"""Bytes of files that wait at most, and of one file."""
ALONE_S = 20.0
"""How long work outside of runs waits for a mirror."""
IDLE_S = 60.0
"""How long to keep a mirror that no run needs: the next trial of a sweep may come."""
AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until the next try at a mirror out of reach."""
LOG = logging.getLogger("omloop.track")


@dataclass(frozen=True)
class _Call:
    """A task for the mirror other than sending numbers; it holds `size` bytes of a file."""

    do: Callable[[], None]
    what: str
    size: int = 0


@dataclass(frozen=True)
class _Steps:
    """Numbers of one step, and the run that they belong to."""

    run: OutboxRun
    logged: LoggedStep


class Outbox:
    """The queue before one mirror and the thread behind it. `name` is its name for people.

    It retries failed deliveries, in order, as long as there is room for later ones. It drops and counts numbers without
    room. The first failure gives one warning, and unsent items at the end another. `give_up` ends the mirror's work if
    it takes too long, or if no run needs it any longer.
    """

    def __init__(
        self, name: str, open_mirror: Callable[[], Mirror], give_up: Callable[[], None] = lambda: None
    ) -> None:
        self.name = without_secrets(name)
        self._open, self._give_up_mirror = open_mirror, give_up
        self._mirror: Mirror | None = None
        self._queue: deque[_Call | _Steps] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy, self._hurry = False, False
        self._runs, self._bytes, self._given_up = 0, 0, 0
        self._warned, self._reason = False, ""
        self._unsent: dict[str, int] = {}

    def mirror(self) -> Mirror:
        """The mirror, opened by the first call; raises MissingExtraError where its library lacks, and SettingError."""
        if self._mirror is None:
            self._mirror = self._open()
        return self._mirror

    def start_run(self, start: Callable[[Mirror], MirrorRun]) -> OutboxRun:
        """Begin a run; raises what `mirror` raises."""
        mirror = self.mirror()
        self._runs += 1
        return OutboxRun(self, lambda: start(mirror))

    def end_run(self, seconds: float) -> str:
        """Wait until the mirror has all of a run, at most that many seconds; gives the unsent items, in words."""
        self._runs -= 1
        return self.wait(seconds)

    def tell_unsent(self, run: str, unsent: str) -> None:
        """Warn of the `unsent` items of a `run`, by its project and its name, where there are any."""
        self._tell(unsent, f"The run is whole in its folder; send it again with: omloop mirror {run}")

    def tell(self, do: Callable[[Mirror], None], what: str) -> None:
        """Have something done with the mirror that is of no open run; where none is open, wait for it a while."""
        try:
            mirror = self.mirror()
        except OmloopError as error:
            LOG.warning("%s has not got %s: %s", self.name, what, error)
            return
        self.put(lambda: do(mirror), what)
        if not self._runs:
            self._tell(self.wait(ALONE_S), "The next turn tells it again.")

    def _tell(self, unsent: str, told: str) -> None:
        if unsent:
            LOG.warning("%s has not got: %s. %s", self.name, unsent, told)

    def put(self, do: Callable[[], None], what: str, *, size: int = 0) -> None:
        """Queue a task for the mirror; `what` names the task in a warning where the mirror does not get it."""
        with self._changed:
            if size > MOST_FILE or self._bytes + size > MOST_BYTES or len(self._queue) > 2 * MOST_STEPS:
                self._count(what)
                return
            self._bytes += size
            self._queue.append(_Call(do, what, size))
            self._begin()
            self._changed.notify_all()

    def put_steps(self, run: OutboxRun, logged: LoggedStep) -> None:
        """Send the numbers of a step, a second later."""
        if len(self._queue) < MOST_STEPS:
            self._queue.append(_Steps(run, logged))  # without the lock, which the thread may hold
        else:
            self._count("numbers", len(logged.metrics))

    def wait(self, seconds: float) -> str:
        """Wait until the queue is empty, so many seconds at most; gives the unsent items, in words, and forgets them.

        If the mirror is out of reach, it tries once more and does not wait.
        """
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._queue and not self._busy, seconds)
            self._hurry = False
            if self._busy:
                self._count("what was being sent")
                self._give_up_mirror()
            self._give_up(self._queue)
            told, self._unsent, self._warned = self._unsent_text(), {}, False
        return told

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"omloop-{self.name}", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        failures = 0
        while True:
            batch, given_up = self._next(), self._given_up
            sent = self._send(batch, given_up)
            failures = 0 if sent else failures + 1
            with self._changed:
                self._busy = False
                if not sent and given_up == self._given_up:
                    self._put_back(batch)
                self._changed.notify_all()
                pause = AGAIN_S[min(failures, len(AGAIN_S)) - 1] if failures else EVERY_S
                if failures or isinstance(batch[0], _Steps):
                    self._changed.wait_for(lambda: self._hurry, pause)

    def _next(self) -> list[_Call | _Steps]:
        """The next thing to do, or the numbers of one run that come next."""
        with self._changed:
            idle = 0.0
            while not self._queue:
                self._changed.wait(EVERY_S)
                idle = 0.0 if self._runs else idle + EVERY_S
                if idle >= IDLE_S:
                    self._give_up_mirror()
            self._busy = True
            batch = [self._queue.popleft()]
            if isinstance(first := batch[0], _Call):
                self._bytes -= first.size
                return batch
            while len(batch) < AT_ONCE and self._queue:
                following = self._queue[0]
                if not isinstance(following, _Steps) or following.run is not first.run:
                    break
                batch.append(self._queue.popleft())
            return batch

    def _put_back(self, batch: list[_Call | _Steps]) -> None:
        """Let what is out of reach wait; give all of it up where somebody waits for us."""
        self._queue.extendleft(reversed(batch))
        self._bytes += sum(one.size for one in batch if isinstance(one, _Call))
        if self._hurry:
            self._give_up(self._queue)

    def _give_up(self, queue: deque[_Call | _Steps]) -> None:
        while queue:
            self._count(*_named(queue.popleft()))
        self._bytes, self._given_up = 0, self._given_up + 1

    def _send(self, batch: list[_Call | _Steps], given_up: int) -> bool:
        """Send the batch; false where the mirror is out of reach. It leaves out items that the mirror refuses."""
        try:
            if isinstance(batch[0], _Call):
                batch[0].do()
            else:
                batch[0].run.send([one.logged for one in batch if isinstance(one, _Steps)])
        except ConnectionError as error:
            if given_up == self._given_up:
                self._warn(error, "The run goes on. What it logs waits for a while, and is kept in its folder anyway.")
            return False
        except Exception as error:
            LOG.debug("%s does not take it", self.name, exc_info=True)
            with self._changed:
                if given_up != self._given_up:  # it was counted already
                    return True
                for one in batch:
                    self._count(*_named(one))
            self._warn(error, "The run goes on without; its folder has all of it.")
        return True

    def _warn(self, error: Exception, told: str) -> None:
        self._reason = without_secrets(first_line(error))
        if not self._warned:
            self._warned = True
            LOG.warning("%s: %s. %s", self.name, self._reason, told)

    def _count(self, what: str, count: int = 1) -> None:
        self._unsent[what] = self._unsent.get(what, 0) + count

    def _unsent_text(self) -> str:
        numbers = self._unsent.pop("numbers", 0)
        parts = [f"{numbers:,} numbers"] if numbers else []
        names = list(self._unsent)
        parts += names[:5] if len(names) <= 5 else [*names[:4], f"{len(names) - 4} more"]
        return ", ".join(parts) + (f" ({self._reason})" if parts and self._reason else "")


class OutboxRun:
    """A run on its way to a mirror."""

    def __init__(self, outbox: Outbox, start: Callable[[], MirrorRun]) -> None:
        self._outbox, self._start = outbox, start
        self._run: MirrorRun | None = None
        self._refused: Exception | None = None
        self.put(lambda run: None, "the run")

    def send(self, steps: list[LoggedStep]) -> None:
        """Send numbers, from the outbox's thread."""
        self._there().log(steps)

    def log(self, logged: LoggedStep) -> None:
        """Have numbers sent."""
        self._outbox.put_steps(self, logged)

    def put(self, do: Callable[[MirrorRun], None], what: str, *, size: int = 0) -> None:
        """Have something done with the run."""
        self._outbox.put(lambda: do(self._there()), what, size=size)

    def _there(self) -> MirrorRun:
        if self._refused is not None:
            raise self._refused
        if self._run is None:
            try:
                self._run = self._start()
            except ConnectionError:
                raise
            except Exception as error:
                self._refused = error
                raise
        return self._run


def _named(one: _Call | _Steps) -> tuple[str, int]:
    return (one.what, 1) if isinstance(one, _Call) else ("numbers", len(one.logged.metrics))
