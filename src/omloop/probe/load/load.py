"""A load test with an open loop: requests go out at a steady rate, whether earlier ones have an answer or not.

A latency counts from the moment at which its request was due, not from when it went out. So a server that stalls
for a second pays for all the requests due in that second, as its users would feel it. A client that waits for each
answer before it asks again would send fewer of them, and hide the stall (coordinated omission).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from omloop.core import SettingError
from omloop.probe.connection import ProbeConnection, connect
from omloop.probe.load.histogram import Latencies
from omloop.probe.target import Target

MOST_RATE, MOST_SECONDS, MOST_REQUESTS, MOST_CONNECTIONS = 100_000.0, 3600.0, 10_000_000, 4096
"""A slip of a finger must not become a flood, or fill the memory with unanswered requests."""
MOST_SLICES = 120
"""Points of a picture over time, which is about as many as it has room for."""
TICK_S = 0.001
"""The shortest sleep that event loops keep; requests that fall due meanwhile go out together, and count as late."""
SWEEP_S = 0.05
"""How often the test looks for requests that wait too long: far below any time-out worth setting."""
GRACE_S = 1.0
"""For the last sweep, before the whole test gives up."""
OK, REFUSED = 200, 429

Clock = Callable[[], float]


@dataclass(frozen=True)
class LoadPlan:
    """What to send: `rate` requests a second for `seconds`, over so many connections at most.

    A request without an answer `timeout_s` seconds after it was due has failed. Raises SettingError for what is beyond
    reason.
    """

    rate: float
    seconds: float
    connections: int = 512
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        _within("rate", self.rate, MOST_RATE, "requests a second")
        _within("time", self.seconds, MOST_SECONDS, "seconds")
        _within("timeout", self.timeout_s, MOST_SECONDS, "seconds")
        _within("number of connections", self.connections, MOST_CONNECTIONS, "connections")
        _within("number of requests", self.rate * self.seconds, MOST_REQUESTS, "requests")

    @property
    def count(self) -> int:
        """How many requests that makes."""
        return max(1, round(self.rate * self.seconds))


@dataclass(frozen=True)
class LoadSlice:
    """What became of the requests due from `start` on, in seconds from the beginning, until the next slice."""

    start: float
    latencies: Latencies = field(default_factory=Latencies)
    statuses: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Load:
    """What came of a test.

    `latencies` are those of requests answered with 200, and of those that timed out, which count with the time until
    the client gave up. Refusals and broken connections have none, because they would make a server look faster. `late`
    says how late this process itself was to send. `seconds` is the time from the first request to the last answer.
    """

    plan: LoadPlan
    sent: int
    statuses: Mapping[int, int]
    failures: Mapping[str, int]
    latencies: Latencies
    late: Latencies
    slices: Sequence[LoadSlice]
    seconds: float

    @property
    def answered(self) -> int:
        """How many answers had the status 200."""
        return self.statuses.get(OK, 0)

    @property
    def refused(self) -> int:
        """How many the server refused because it had too much to do (429)."""
        return self.statuses.get(REFUSED, 0)

    @property
    def failed(self) -> int:
        """How many came to nothing: any other status, or no answer at all."""
        return self.plan.count - self.answered - self.refused

    @property
    def achieved(self) -> float:
        """Answers a second with the status 200, over the planned time, or the real time if that is longer."""
        return self.answered / max(self.seconds, self.plan.count / self.plan.rate)

    def broken(self, p99_s: float) -> tuple[str, ...]:
        """Why the test did not pass, in words; nothing if all got the status 200, and p99 is `p99_s` s at most."""
        p99 = self.latencies.at(0.99)
        wrong = {
            f"{self.failed} failed": self.failed > 0,
            f"{self.refused} refused": self.refused > 0,
            f"p99 {p99 * 1000:.4g} ms, more than {p99_s * 1000:.4g} ms": p99 > p99_s,
        }
        return tuple(words for words, true in wrong.items() if true)


async def load(target: Target, requests: Sequence[bytes], plan: LoadPlan, *, clock: Clock = time.perf_counter) -> Load:
    """Send `requests`, round and round, as planned, and wait for the answers.

    It is over a second after `plan.seconds` and `plan.timeout_s` at the latest. A connection that does not open fails
    the request that needed it.
    """
    return await _Run(target, requests, plan, clock).go()


class _Run:
    """One test while it goes on. Everything happens on the event loop; a number stands for each request."""

    def __init__(self, target: Target, requests: Sequence[bytes], plan: LoadPlan, clock: Clock) -> None:
        self._target = target
        self._requests = requests
        self._plan = plan
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._over = self._loop.create_future()
        self._next = self._done = self._sent = 0
        self._waiting: deque[int] = deque()
        self._idle: list[ProbeConnection] = []
        self._busy: dict[ProbeConnection, int] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._late = Latencies()
        self._width = max(1.0, plan.seconds / MOST_SLICES)
        self._slices = [LoadSlice(number * self._width) for number in range(math.ceil(plan.seconds / self._width))]

    async def go(self) -> Load:
        """Begin, wait for the end, and close what is open; what has come to no end by then has failed."""
        self._began = self._clock()
        self._tick()
        self._sweep()
        try:
            await asyncio.wait([self._over], timeout=self._plan.seconds + self._plan.timeout_s + GRACE_S)
        finally:
            self._over.cancel()
            for connection in [*self._idle, *self._busy]:
                connection.close()
            for task in self._opening:
                task.cancel()
        return self._found(self._clock() - self._began)

    def _found(self, seconds: float) -> Load:
        latencies, statuses, failures = Latencies(), Counter[int](), Counter[str]()
        for part in self._slices:
            latencies.merge(part.latencies)
            statuses += part.statuses
            failures += part.failures
        return Load(self._plan, self._sent, statuses, failures, latencies, self._late, self._slices, seconds)

    def _due(self, number: int) -> float:
        return self._began + number / self._plan.rate

    def _tick(self) -> None:
        """Take up what is due, and come back when the next request is. Timers of event loops count in milliseconds."""
        if self._over.done():  # interrupted: the connections are closed
            return
        now, last = self._clock(), self._plan.count
        while self._next < last and (due := self._due(self._next)) <= now:
            self._late.add(now - due)
            self._waiting.append(self._next)
            self._next += 1
        self._dispatch()
        if self._next < last:
            self._loop.call_later(max(TICK_S, self._due(self._next) - self._clock()), self._tick)

    def _dispatch(self) -> None:
        """Send what waits over connections that are free, and open more while there may be more."""
        while self._waiting and self._idle:
            connection, number = self._idle.pop(), self._waiting.popleft()
            self._busy[connection] = number
            self._sent += 1
            connection.send(self._requests[number % len(self._requests)])
        there = len(self._busy) + len(self._idle) + len(self._opening)
        wanted = min(len(self._waiting) - len(self._opening), self._plan.connections - there)
        for _ in range(wanted):
            task = self._loop.create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(self._plan.timeout_s):
                connection = await connect(self._target, self._answered, self._lost)
        except OSError as error:
            if self._waiting:
                self._fail(self._waiting.popleft(), f"no connection ({error.strerror or error or 'in time'})")
            return
        self._idle.append(connection)
        self._loop.call_soon(self._dispatch)

    def _answered(self, connection: ProbeConnection, status: int) -> None:
        number = self._busy.pop(connection, None)
        if number is None:
            return
        part, seconds = self._part(number), self._clock() - self._due(number)
        part.statuses[status] += 1
        if status == OK:
            part.latencies.add(seconds)
        elif status != REFUSED:
            part.failures[f"status {status}"] += 1
        if connection.usable:
            self._idle.append(connection)
        self._finished()
        self._dispatch()

    def _lost(self, connection: ProbeConnection, reason: str) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        number = self._busy.pop(connection, None)
        if number is not None:
            self._fail(number, reason)
            self._dispatch()

    def _sweep(self) -> None:
        """Give up what has waited too long, now and then until the end."""
        late = self._clock() - self._plan.timeout_s
        for connection, number in [*self._busy.items()]:
            if self._due(number) < late:
                del self._busy[connection]
                connection.close()
                self._give_up(number, f"no answer in {self._plan.timeout_s:g} s")
        while self._waiting and self._due(self._waiting[0]) < late:
            self._give_up(self._waiting.popleft(), f"no connection was free in {self._plan.timeout_s:g} s")
        self._dispatch()
        if not self._over.done():
            self._loop.call_later(SWEEP_S, self._sweep)

    def _give_up(self, number: int, reason: str) -> None:
        self._part(number).latencies.add(self._clock() - self._due(number))
        self._fail(number, reason)

    def _fail(self, number: int, reason: str) -> None:
        self._part(number).failures[reason] += 1
        self._finished()

    def _finished(self) -> None:
        self._done += 1
        if self._done == self._plan.count and not self._over.done():
            self._over.set_result(None)

    def _part(self, number: int) -> LoadSlice:
        return self._slices[min(int(number / self._plan.rate / self._width), len(self._slices) - 1)]


def _within(what: str, value: float, most: float, unit: str) -> None:
    if not 0 < value <= most:
        raise SettingError(f"The {what} of a load test is more than 0 and at most {most:,.0f} {unit}, not {value:g}.")
