"""The workers of a sweep that has several: processes of this machine, or jobs elsewhere; one that dies is replaced."""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from omloop.core import Compute, ComputeJob, OmloopError, write_whole
from omloop.loop.jobs.jobs import job_of, open_compute
from omloop.loop.sweep.order import Sweep
from omloop.loop.sweep.worker import FAILED, LOOK_S, is_gone

if TYPE_CHECKING:
    from omloop.sweep.optuna import OptunaStudy

MODULE = "omloop.loop.sweep.worker"
MOST_DEATHS = 3
"""Workers in a row that may die without having begun a trial."""
MOST_LOOK_S = 5.0
"""How seldom a job is looked at at most: a cluster's scheduler does not like to be asked often."""
LOST = -1


class Worker(Protocol):
    """One worker that was started under a `name`; `log` is the file that it prints into."""

    name: str
    log: Path

    def code(self) -> int | None:
        """Its exit code; None while it is there, LOST where it went without one."""

    def end(self) -> None:
        """End it."""


def run_workers(
    sweep: Sweep, study: OptunaStudy, until: float, on: str, progress: Callable[[OptunaStudy], None]
) -> None:
    """Let workers run until all have ended, in processes or `on` a backend; one that is killed is replaced.

    Raises OmloopError with what a worker said, and where `MOST_DEATHS` in a row die before they begin a trial.
    """
    start = _Jobs(open_compute(sweep.workspace, on)).start if on else _start_process
    workers: dict[int, Worker] = {}
    deaths, begun = 0, len(study.trials())
    try:
        for number in range(sweep.order.options.jobs):
            workers[number] = start(sweep, until, number)
        while workers:
            time.sleep(LOOK_S)
            progress(study)
            for number, code in [(number, worker.code()) for number, worker in workers.items()]:
                if code is None:
                    continue
                dead = workers.pop(number)
                if code == FAILED:
                    raise OmloopError(_last_line(dead.log))
                if code != 0:  # somebody killed it
                    deaths, begun = (0 if len(study.trials()) > begun else deaths + 1), len(study.trials())
                    if deaths >= MOST_DEATHS:
                        raise OmloopError(
                            f"{deaths} workers died before they began a trial, the last with exit code {code}. See "
                            f"{dead.log}, and look at the memory that is free."
                        )
                    study.release(_gone_with(dead.name))
                    workers[number] = start(sweep, until, number)
    finally:
        with ThreadPoolExecutor(max(1, len(workers))) as together:  # or one would take up what another lays down
            for worker in workers.values():
                together.submit(worker.end)


def _gone_with(name: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whose trials are to be tried again: those of the worker of that name, and those of processes that are gone."""
    return lambda noted: noted.get("worker") == name or is_gone(noted)


class _Process:
    """A worker in a process of its own."""

    def __init__(self, name: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.name, self.log, self._process = name, log, process

    def code(self) -> int | None:
        return self._process.poll()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def _start_process(sweep: Sweep, until: float, number: int) -> Worker:
    """A worker in a process of its own; what it prints goes into a file."""
    name, log = _name(number), sweep.folder / f"worker-{number}.log"
    with log.open("wb") as file:
        words = [sys.executable, "-m", MODULE, str(number), name]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT)
    with contextlib.suppress(BrokenPipeError), process.stdin:  # type: ignore[union-attr]  # whoever looks at processes
        process.stdin.write(_order(sweep, until).encode())  # type: ignore[union-attr]  # sees no address with a password
    return _Process(name, log, process)


class _Job:
    """A worker that somebody else carries out."""

    def __init__(self, name: str, job: ComputeJob, compute: Compute) -> None:
        self.name, self.log = name, Path(job.kept) / "log"
        self._job, self._compute = job, compute
        self._handle = compute.submit(job)
        self._pause, self._next = LOOK_S, 0.0

    def code(self) -> int | None:
        if time.monotonic() < self._next:
            return None
        found = self._compute.status(self._job, self._handle)
        self._next, self._pause = time.monotonic() + self._pause, min(MOST_LOOK_S, self._pause * 1.3)
        if not found.over:
            return None
        return LOST if found.exit_code is None else found.exit_code

    def end(self) -> None:
        self._compute.cancel(self._job, self._handle)


class _Jobs:
    """Starts workers as jobs. Each has a folder below that of the sweep, with its order, for its owner's eyes alone."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute

    def start(self, sweep: Sweep, until: float, number: int) -> Worker:
        name = _name(number)
        folder = sweep.folder / f"worker-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        order = folder / "order.json"
        write_whole(order, b"")
        order.chmod(0o600)
        order.write_text(_order(sweep, until))
        words = [str(number), name, str(order.resolve())]
        job = job_of(sweep.workspace, f"sweep-{sweep.project.name}-{number}", words, folder, MODULE)
        return _Job(name, job, self._compute)


def _order(sweep: Sweep, until: float) -> str:
    rest = max(1.0, until - time.monotonic()) if math.isfinite(until) else 0.0
    return replace(sweep.order, options=replace(sweep.order.options, seconds=rest)).text


def _name(number: int) -> str:
    """A name that no other worker of this sweep has, ever."""
    return f"{number}-{os.getpid()}-{secrets.token_hex(4)}"


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"A worker failed without a word. See {path}."
