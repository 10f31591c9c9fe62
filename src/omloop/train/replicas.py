"""One training in several processes, each with its share of every batch: data parallel, like Lightning's DDP.

Lightning would start the processes by running the command line again, which would begin a second turn in each. Or it
would copy this process, which neither threads nor GPUs survive. So omloop hands over only the training: network and
recipe in one file, examples in another that all processes map into memory. The first process reports each epoch and
waits for the answer; the trained weights come back as a file. No process outlives this one.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO, Any

import cloudpickle
import torch

from omloop.core import ConfigError, Job, TrainError
from omloop.train.answering import Answering
from omloop.train.batching import Lesson
from omloop.train.frozen import Frozen
from omloop.train.plan import Plan
from omloop.train.process import most_threads, threads_given

FOLDER = "replicas"
PLAN, TRAIN, VALIDATION, WEIGHTS = "plan.pkl", "train.pt", "validation.pt", "weights.pt"
WAIT_S = 0.1
END_S = 60.0
"""How long the other processes may take to end after one did."""


@dataclass(frozen=True)
class Handed:
    """What each process gets, beside the examples."""

    answering: Answering
    plan: Plan
    seed: int
    folder: str
    weighted: bool


def learned_in_replicas(
    answering: Answering, lessons: tuple[Lesson, Lesson], job: Job, plan: Plan
) -> dict[str, torch.Tensor] | None:
    """The weights at the best epoch, learned by as many processes as the recipe says; None if no loss was finite.

    Raises ConfigError for more of them than there are GPUs or rows in a batch, and TrainError when one of them ends
    early.
    """
    _require_enough(answering, lessons[0], plan)
    folder = Path(job.folder) / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        _hand_over(folder, answering, lessons, job, plan)
        with _started(folder, plan.recipe.devices) as processes:
            _accompany(processes, folder, job)
        return torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True)["weights"]  # type: ignore[no-any-return]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_enough(answering: Answering, train: Lesson, plan: Plan) -> None:
    devices = plan.recipe.devices
    if torch.cuda.is_available() and devices > torch.cuda.device_count():
        raise ConfigError(
            f"model.devices={devices}, but there are {torch.cuda.device_count()} GPUs.", key="model.devices"
        )
    least = 2 * devices
    if plan.batch_size < least or len(train) < least:
        raise ConfigError(
            f"model.devices={devices} need {least} examples in a batch at least; there are {len(train)}, in batches of "
            f"{plan.batch_size}. Raise model.batch_size, or take fewer devices.",
            key="model.devices",
        )
    if any(isinstance(module, Frozen) and module.thaw for module in answering.modules()):
        raise ConfigError(
            f"model.thaw works on one device, and model.devices={devices}. Leave either out.", key="model.thaw"
        )


def _hand_over(folder: Path, answering: Answering, lessons: tuple[Lesson, Lesson], job: Job, plan: Plan) -> None:
    for name, lesson in zip((TRAIN, VALIDATION), lessons, strict=True):
        torch.save([tensor.contiguous() for tensor in lesson.tensors], folder / name)
    handed = Handed(answering, plan, job.seed, str(job.folder), lessons[0].weighted)
    try:
        with _by_value():
            content = cloudpickle.dumps(handed)
    except Exception as error:  # whatever a network or a function of the project holds
        raise TrainError(
            f"With model.devices={plan.recipe.devices} the network is sent to other processes, and this one cannot be: "
            f"{type(error).__name__}: {error}. Leave files, locks and connections out of it, or set model.devices=1."
        ) from error
    (folder / PLAN).write_bytes(content)


@contextlib.contextmanager
def _by_value() -> Iterator[None]:
    """Send along the code that another process could not import: that of projects, which load by path."""
    roots = (
        {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__", "__mp_main__"}
    )
    loaded = filter(None, map(sys.modules.get, roots))  # None stands for a module that somebody forbids to import
    own = [module for module in loaded if getattr(module, "__spec__", None) is None]
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)


@contextlib.contextmanager
def _started(folder: Path, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """The processes, the first with a pipe for answers; afterwards they are gone, whatever happened."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(count),
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        "OMP_NUM_THREADS": str(threads_given() or max(1, most_threads() // count)),
        "TORCH_CPP_LOG_LEVEL": "ERROR",
    }
    processes: list[subprocess.Popen[str]] = []
    try:
        for rank in range(count):
            processes.append(_start(folder, rank, shared))
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _start(folder: Path, rank: int, shared: dict[str, str]) -> subprocess.Popen[str]:
    terminal = rank == 0 and sys.stderr.isatty()  # the first draws the bar
    with (folder / f"{rank}.log").open("w", encoding="utf-8") as log:
        return subprocess.Popen(
            # Without -P the folder that this happens to run in would come before all libraries.
            [sys.executable, "-P", "-m", "omloop.train.replica", str(folder)],
            env={**shared, "LOCAL_RANK": str(rank)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if rank == 0 else subprocess.DEVNULL,
            stderr=None if terminal else log,
            text=True,
            # Ctrl-C is for this process, which ends the others.
            start_new_session=True,
        )


def _accompany(processes: list[subprocess.Popen[str]], folder: Path, job: Job) -> None:
    """Log what the first process tells until all have ended; raises TrainError when one ends otherwise than well."""
    told: Queue[str] = Queue(maxsize=16)
    pipes = processes[0].stdin, processes[0].stdout
    threading.Thread(target=_read, args=(pipes[1], told), daemon=True).start()
    done_by = float("inf")
    while True:
        with contextlib.suppress(Empty):
            step, metrics = json.loads(told.get(timeout=WAIT_S))
            answer = job.log(step, metrics)
            _answer(pipes[0], answer is not False)
            continue
        codes = [process.poll() for process in processes]
        if all(code == 0 for code in codes):
            return
        if any(codes):
            raise _failed(codes, folder)
        if None not in codes or 0 not in codes:
            continue
        done_by = min(done_by, monotonic() + END_S)
        if monotonic() > done_by:
            rank = codes.index(None)
            raise TrainError(f"Process {rank + 1} of {len(codes)} did not end with the others. Run the turn again.")


def _read(pipe: IO[str] | None, told: Queue[str]) -> None:
    with contextlib.suppress(ValueError, OSError):  # closed, because the training has ended
        for line in pipe or ():
            told.put(line)


def _answer(pipe: IO[str] | None, go_on: bool) -> None:
    """Say whether to continue; the status shows if a process has ended meanwhile."""
    if pipe is not None:
        with contextlib.suppress(OSError):
            pipe.write(f"{json.dumps(go_on)}\n")
            pipe.flush()


def _failed(codes: list[int | None], folder: Path) -> TrainError:
    """Why the first failed process failed, in words: the one that was killed, or that gives a reason."""
    count = len(codes)
    again = "Run the turn again: it goes on from the last whole epoch."
    for rank, code in enumerate(codes):
        if code is not None and code < 0:
            why = "; was there memory enough?" if code == -9 else ""
            return TrainError(f"Training process {rank + 1} of {count} was ended by signal {-code}{why} {again}")
    # The others fail because the first to fail is gone.
    reasons = sorted(folder.glob("*.error"), key=lambda path: path.stat().st_mtime_ns)
    if reasons:
        return TrainError(reasons[0].read_text(encoding="utf-8"))
    rank = next(rank for rank, code in enumerate(codes) if code)
    with contextlib.suppress(OSError):
        lines = (folder / f"{rank}.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines:
            return TrainError(f"Training process {rank + 1} of {count} failed: {lines[-1]:.300}. {again}")
    return TrainError(f"Training process {rank + 1} of {count} failed with exit status {codes[rank]}. {again}")


def lesson_from(path: Path, *, weighted: bool) -> Lesson:
    """A part from the parent process, mapped into memory."""
    tensors: Any = torch.load(path, mmap=True, weights_only=True)
    return Lesson(tensors, weighted)
