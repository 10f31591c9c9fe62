"""The adapter `ray`: a job is a Ray task, on a cluster, or on a Ray of this machine that ends with this process.

A task lives no longer than the process that submitted it, and so does a job. It runs as its own process below Ray's
worker, so a killed job takes no worker with it. Its output lies in its folder, as everywhere.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import IO, Any, TypeVar

# Ray sends statistics of its use to its makers, unless told not to before it is imported.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# What a worker started ends with it, however that ends.
os.environ.setdefault("RAY_kill_child_processes_on_worker_exit_with_raylet_subreaper", "true")
# Ray would hide GPUs from tasks that ask for none in a way that it is about to change, and warns of it.
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray
from ray.exceptions import RayError

from omloop.compute.folder import (
    LOCK,
    await_end,
    gone,
    made,
    note_cancelled,
    outcome,
    read_log,
    variables_of,
    write_script,
)
from omloop.core import (
    ComputeError,
    ComputeJob,
    JobStatus,
    OmloopError,
    Resources,
    Settings,
    cpu_quota,
    first_line,
    heed_children,
)
from omloop.core import _locks as locks

Value = TypeVar("Value")

ADDRESS = "RAY_ADDRESS"
CONNECT_S = 5.0
"""How long a cluster may take to take a connection, before Ray's own client tries for minutes."""
END_S = 30.0
RETRIES = 3
"""How often a function is called again whose worker was lost."""
_PORT = 6379
_HOST = re.compile(r"(?:ray://)?(\[[^\]]+\]|[^:/\[\]]+)(?::(\d+))?/?")


class RayCompute:
    """Ray tasks, of the cluster at an address; empty stands for a Ray of this machine, which ends with this process."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._tasks: dict[str, Any] = {}
        self._locks: list[IO[bytes]] = []

    @classmethod
    def of(cls, address: str, folder: Path, *, settings: Settings) -> RayCompute:
        """The cluster at an address, else at `RAY_ADDRESS`, else a Ray of this machine. It starts nothing yet."""
        return cls(address or os.environ.get(ADDRESS, ""))

    def submit(self, job: ComputeJob) -> str:
        """As `Compute` says."""
        self._connect()
        self._require_room(job.needs)
        script = write_script(job, flags=["--with-parent"])
        lock = (script.parent / LOCK).open("wb")
        locks.take(lock.fileno())
        options: dict[str, Any] = {"num_cpus": job.needs.cpus, "num_gpus": job.needs.gpus, "max_retries": 0}
        if job.needs.memory_megabytes:
            options["memory"] = job.needs.memory_megabytes << 20
        task = ray.remote(_carry_out).options(name=job.name, **options).remote(str(script), variables_of(job))
        handle = str(task.hex())
        self._tasks[handle] = task
        self._locks.append(lock)  # which tells others that somebody waits for the job
        return handle

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """As `Compute` says."""
        if found := outcome(job):
            return found
        begun = (Path(job.kept) / "log").exists()
        task = self._tasks.get(handle)
        if task is None:
            return JobStatus("running" if begun else "waiting") if _is_held(job) else gone(job)
        ready, _ = ray.wait([task], timeout=0)
        if not ready:
            return JobStatus("running" if begun else "waiting")
        found = gone(job)
        if found.state != "lost":
            return found
        try:
            ray.get(task)
        except RayError as error:
            return JobStatus("lost", reason=first_line(error))
        return found

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """As `Compute` says."""
        return read_log(job, begin)

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """As `Compute` says: all of it lies on the shared file system."""
        return made(job)

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """As `Compute` says: a waiting job leaves the queue, and a running one looks into its folder."""
        if self.status(job, handle).over:
            return
        note_cancelled(job)
        task = self._tasks.get(handle)
        if task is not None and not (Path(job.kept) / "log").exists():
            with contextlib.suppress(RayError):
                ray.cancel(task)
        await_end(self, job, handle, END_S)

    def executor(self, needs: Resources) -> Executor:
        """As `TaskCompute` says."""
        self._connect()
        self._require_room(needs)
        return _Tasks(needs)

    def slots(self, needs: Resources) -> int:
        """As `TaskCompute` says, by the cores and GPUs that the cluster has now."""
        self._connect()
        there = ray.cluster_resources()
        cores, gpus = there.get("CPU", 1.0) // needs.cpus, there.get("GPU", 0.0)
        return max(1, int(min(cores, gpus // needs.gpus) if needs.gpus else cores))

    def _require_room(self, needs: Resources) -> None:
        """Refuse what a Ray of this machine can never have: it would wait for ever. A cluster may grow."""
        there = ray.cluster_resources()
        for what, wanted in {"CPU": needs.cpus, "GPU": needs.gpus}.items():
            if self._here and wanted > there.get(what, 0.0):
                raise ComputeError(
                    f"A job asks for {wanted} {what}s, and the Ray of this machine has {there.get(what, 0.0):.0f}. "
                    f"Lower compute_{what.lower()}s, or name a cluster: --on ray:HOST:PORT."
                )

    @property
    def _here(self) -> bool:
        return self._address in ("", "local")

    def _connect(self) -> None:
        """Connect this process to the cluster, or start one here; raises ComputeError where nobody answers."""
        if ray.is_initialized():
            return
        if self._address and self._address not in ("auto", "local"):
            _require_answer(self._address)
        quiet = {"include_dashboard": False, "num_cpus": max(cpu_quota(), os.cpu_count() or 1)}
        try:
            ray.init(
                address="local" if self._here else self._address,
                namespace="omloop",
                log_to_driver=False,
                logging_level=logging.ERROR,
                **(quiet if self._here else {}),
            )
        except Exception as error:  # whatever Ray meets on the way: versions that differ, ports, memory
            where = f"at {self._address}" if self._address else "of this machine"
            raise ComputeError(f"The Ray {where} cannot be used: {first_line(error)}.") from error
        heed_children()  # with the variable above, Ray ignores how they end, in this process too


class _Tasks(Executor):
    """Functions as Ray tasks. Ray gets a function once, with all that it holds, and its workers keep it."""

    def __init__(self, needs: Resources) -> None:
        self._task = ray.remote(_call).options(num_cpus=needs.cpus, num_gpus=needs.gpus, max_retries=RETRIES)
        self._sent: dict[int, tuple[object, Any]] = {}

    def submit(self, function: Callable[..., Value], /, *given: Any, **named: Any) -> Future[Value]:
        """Carry it out; raises its own OmloopError from the future, and ComputeError where Ray lost it."""
        if id(function) not in self._sent:
            self._sent[id(function)] = (function, ray.put(function))  # kept, so that no other gets its id
        answered: Future[Value] = Future()
        # Within a list Ray leaves it to the worker to fetch the function.
        task = self._task.remote([self._sent[id(function)][1]], given, named)
        task.future().add_done_callback(lambda done: _settle(answered, done))
        return answered


def _settle(answered: Future[Value], done: Future[Value]) -> None:
    error = done.exception()
    if error is None:
        answered.set_result(done.result())
    elif isinstance(cause := getattr(error, "cause", error), OmloopError):
        answered.set_exception(cause)
    else:
        answered.set_exception(ComputeError(f"A task of Ray failed: {type(cause).__name__}: {first_line(cause)}."))


_called: dict[str, Callable[..., Any]] = {}
"""In a worker of Ray's: the function that it was asked for last."""


def _call(function: list[Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    heed_children()
    key = function[0].hex()
    if key not in _called:
        _called.clear()
        _called[key] = ray.get(function[0])
    return _called[key](*given, **named)


def _carry_out(script: str, variables: dict[str, str]) -> int:
    """In a worker of Ray's: run the script, which ends when this does."""
    heed_children()
    environment = {**os.environ, **variables}
    return subprocess.run(["/bin/sh", script], env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def _is_held(job: ComputeJob) -> bool:
    """Whether the process that waits for a job is there, as its lock tells."""
    try:
        descriptor = os.open(Path(job.kept) / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not locks.take(descriptor)
    finally:
        os.close(descriptor)


def _require_answer(address: str) -> None:
    found = _HOST.fullmatch(address)
    if found is None:
        raise ComputeError(f"'{address}' is no address of Ray. Write HOST:PORT or ray://HOST:PORT.")
    host, port = found[1].strip("[]"), int(found[2] or (10001 if address.startswith("ray://") else _PORT))
    try:
        socket.create_connection((host, port), timeout=CONNECT_S).close()
    except OSError as error:
        raise ComputeError(
            f"No Ray answers at {address}: {error.strerror or error}. Start one (ray start --head), correct the "
            "address, or leave it out for a Ray of this machine."
        ) from error
