"""The process that starts the workers of a server, and replaces dead ones. It never loads a model.

It imports only the standard library and `omloop.core`, so that it takes some 14 MB. See
docs/decisions/0019-workers-share-a-socket.md.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import math
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from omloop.core import ServeError
from omloop.serve.process.listen import GRACE_S, address, listening
from omloop.serve.process.worker_part import NOT_THERE, WorkerPart

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SOON_S = 10.0  # a worker that lived longer did not die of how it starts: its deaths are counted anew
_ATTEMPTS = 5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.4, 5.0  # doubled each time: a fault that stays must not take all of a core
_LATE_S = 5.0  # beyond the grace that was promised: for the interpreter to end
_TOUCH_S = 3600.0  # far below the days after which systems clear folders for temporary files
_HUNG_S = 30.0  # thirty beats: a machine that swaps stands still for seconds
_log = logging.getLogger("omloop.serve")

Command = Callable[[int], Sequence[str]]


def supervise(
    command: Command,
    count: int,
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    grace_s: float = GRACE_S,
    drain_s: float = 0.0,
) -> int:
    """Run `count` workers on one socket until SIGTERM or SIGINT; then they finish what runs. Returns the exit code.

    `command` gives the words that start worker 1, 2, ...; it finds its `WorkerPart` in its environment. `ready` gets
    the address once all answer. Worker 1 starts before the others. If it refuses to start (an exit code above 0, and it
    has said why), its exit code is that of all.

    The process replaces a dead worker. If a worker dies before it answers, five times in a row, the server ends. If a
    worker's event loop stands still for `_HUNG_S` seconds, the process kills and replaces it. It also kills a worker
    that still runs 5 seconds after its `drain_s` and `grace_s` seconds. Call it from the main thread. Raises ServeError
    if it cannot listen on the address, if a worker does not come up, and on Windows.
    """
    if sys.platform == "win32":
        reason = "Several workers share one socket, which is not possible on Windows."
        raise ServeError(f"{reason} Leave --workers out, or run one server a port behind a proxy.")
    shared = tempfile.TemporaryDirectory(prefix="omloop-serve-", ignore_cleanup_errors=True)
    with listening(host, port) as listener, shared as folder:
        where = address(listener)
        supervisor = Supervisor(command, count, listener, Path(folder), grace_s=drain_s + grace_s)
        with supervisor.woken_by_signals():
            return supervisor.run(lambda: ready(where))


@dataclass(eq=False)
class _Worker:
    part: WorkerPart
    process: subprocess.Popen[bytes]
    link: socket.socket
    since: float
    answers: bool = False
    heard: float = math.inf


class Supervisor:
    """Keeps the workers of one server alive, and ends them. Moments are readings of `time.monotonic`."""

    def __init__(self, command: Command, count: int, listener: socket.socket, folder: Path, *, grace_s: float) -> None:
        self._command = command
        self._count = count
        self._listener = listener
        self._folder = folder
        self._grace_s = grace_s
        self._serials = itertools.count(1)
        self._selector = selectors.DefaultSelector()
        self._workers: dict[int, _Worker] = {}
        self._due: dict[int, float] = {}
        self._deaths: Counter[int] = Counter()
        self._first_answered = False
        self._signals = 0
        self._code: int | None = None
        self._error: ServeError | None = None
        self._patience_ends = math.inf
        self._looked = self._touched = time.monotonic()

    def run(self, ready: Callable[[], None]) -> int:
        """Supervise until the end, and return the exit code; raises ServeError when a worker does not come up."""
        # Until a worker says how many it has, it counts as one that takes none: nobody leaves connections to it.
        (self._folder / "connections").write_bytes(struct.pack("i", NOT_THERE) * self._count)
        self._due[1] = 0.0
        obeyed, told = 0, False
        try:
            while self._code is None or self._workers:
                self._start_due()
                for key, _ in self._selector.select(self._pause()):
                    key.data()
                if obeyed < self._signals:
                    obeyed = self._signals
                    self._end(0)
                self._kill_hung()
                if time.monotonic() >= self._patience_ends:
                    self._kill()
                if not told and self._all_answer():
                    told = True
                    ready()
        finally:  # a worker whose link is closed ends by itself
            for worker in self._workers.values():
                worker.link.close()
            self._selector.close()
        if self._error is not None:
            raise self._error
        return self._code

    @contextlib.contextmanager
    def woken_by_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the server for as long as the context lasts."""

        def count(number: int, frame: FrameType | None) -> None:
            self._signals += 1

        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.setblocking(False)
            self._selector.register(ours, selectors.EVENT_READ, lambda: ours.recv(4096))
            # Python goes on with a `select` that a signal interrupted (PEP 475): a byte to read ends it.
            waking = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
            before = {number: signal.signal(number, count) for number in _SIGNALS}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
                signal.set_wakeup_fd(waking)

    def _pause(self) -> float:
        """How long it may sleep unless something happens, in seconds."""
        if self._code is not None and not self._workers:
            return 0.0
        self._touch()
        next_moment = min([*self._due.values(), self._patience_ends])
        return min(max(0.0, next_moment - time.monotonic()), _HUNG_S / 10)

    def _all_answer(self) -> bool:
        return len(self._workers) == self._count and all(worker.answers for worker in self._workers.values())

    def _start_due(self) -> None:
        for number, moment in list(self._due.items()):
            if moment <= time.monotonic():
                del self._due[number]
                self._start(number)

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            part = WorkerPart(
                number=number,
                count=self._count,
                serial=next(self._serials),
                listener=self._listener.fileno(),
                link=theirs.fileno(),
                folder=str(self._folder),
            )
            try:
                process = subprocess.Popen(
                    self._command(number),
                    env={**os.environ, **part.environment()},
                    stdin=subprocess.DEVNULL,
                    pass_fds=(part.listener, part.link),
                    process_group=0,  # Ctrl-C reaches this process alone, which passes it on once
                )
            except OSError as error:  # no memory or no process left for now
                ours.close()
                self._lost(number, f"could not be started ({error})", answered=False)
                return
        worker = _Worker(part, process, ours, time.monotonic())
        self._workers[number] = worker
        self._selector.register(ours, selectors.EVENT_READ, lambda: self._hear(worker))
        self._write_living()

    def _hear(self, worker: _Worker) -> None:
        """The worker answers now, or it is dead: then its end of the link closed."""
        try:
            heard = worker.link.recv(64)
        except ConnectionError:
            heard = b""
        if not heard:
            self._bury(worker)
            return
        worker.answers, worker.heard = True, time.monotonic()
        if not self._first_answered:
            self._first_answered = True
            if self._code is None:
                self._due.update(dict.fromkeys(range(2, self._count + 1), 0.0))

    def _bury(self, worker: _Worker) -> None:
        number = worker.part.number
        self._selector.unregister(worker.link)
        worker.link.close()
        code = _ended(worker.process)
        del self._workers[number]
        self._forget_connections(worker.part)
        self._write_living()
        if self._code is not None:
            return
        if code > 0 and not self._first_answered:
            self._end(code)
            return
        if time.monotonic() - worker.since > _SOON_S:
            self._deaths[number] = 0
        self._lost(number, f"(process {worker.process.pid}) died, {_how(code)}", answered=worker.answers)

    def _lost(self, number: int, how: str, *, answered: bool) -> None:
        """Have the worker replaced: at once the first time, then with growing pauses."""
        self._deaths[number] += 1
        if not answered and self._deaths[number] >= _ATTEMPTS:
            again = f"Worker {number} {how}, and so {self._deaths[number]} times in a row before it answered anybody."
            self._error = ServeError(f"{again} Its messages are above; run it without --workers to look into it.")
            self._end(1)
            return
        doublings = self._deaths[number] - 2  # the first death is followed at once
        pause = 0.0 if doublings < 0 else min(_FIRST_PAUSE_S * 2.0**doublings, _LONGEST_PAUSE_S)
        _log.error("worker %d %s; another one starts in %.1f s", number, how, pause)
        self._due[number] = time.monotonic() + pause

    def _end(self, code: int) -> None:
        """Take no more requests; told again, the workers drop what they have."""
        if self._code is None:
            self._code = code
            self._due.clear()
            self._listener.close()  # the workers have copies of it, and take what still waits there
            self._patience_ends = time.monotonic() + self._grace_s + _LATE_S
        for worker in self._workers.values():
            worker.process.terminate()

    def _kill(self) -> None:
        self._patience_ends = math.inf
        for worker in self._workers.values():
            _log.error("worker %d does not end, and is killed", worker.part.number)
            worker.process.kill()

    def _kill_hung(self) -> None:
        """Kill workers that have been silent for long; their end then counts like any other.

        If this process also stood still, as with the whole container, it blames nobody.
        """
        now = time.monotonic()
        stood, self._looked = now - self._looked > _HUNG_S / 2, now
        for worker in self._workers.values():
            if worker.answers and stood:
                worker.heard = now
            elif self._code is None and now - worker.heard > _HUNG_S:
                pid = worker.process.pid
                what = "worker %d (process %d) stood still for %.0f s, and is killed"
                _log.error(what, worker.part.number, pid, _HUNG_S)
                worker.process.kill()
                worker.heard = math.inf  # killed once; its end is heard on the link

    def _forget_connections(self, part: WorkerPart) -> None:
        with _going_on(), part.connections.open("r+b") as file:
            file.seek(4 * (part.number - 1))
            file.write(struct.pack("i", NOT_THERE))

    def _write_living(self) -> None:
        staged = self._folder / "living.part"
        with _going_on():
            staged.write_text(json.dumps([worker.part.serial for worker in self._workers.values()]), encoding="ascii")
            staged.replace(self._folder / "living")

    def _touch(self) -> None:
        """Systems remove old files from folders for temporary ones: these are in use."""
        if time.monotonic() < self._touched + _TOUCH_S:
            return
        self._touched = time.monotonic()
        with contextlib.suppress(OSError):
            for path in (self._folder, *self._folder.iterdir()):
                os.utime(path)


@contextlib.contextmanager
def _going_on() -> Iterator[None]:
    """A full disk for temporary files spoils metrics and fairness: no reason to end the server."""
    try:
        yield
    except OSError as error:
        _log.error("what the workers share cannot be written: %s", error)


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The exit code; below 0 it is the signal that killed the process."""
    try:
        return process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _how(code: int) -> str:
    """How a process ended.

    >>> _how(-9), _how(3)
    ('killed by SIGKILL', 'exit code 3')
    """
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
