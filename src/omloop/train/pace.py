"""How a training uses its machine: threads and precision, from the options or from a short trial."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import logging
import platform
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

import numpy as np
import torch

from omloop.core import Job, StoreError, milliseconds, write_whole
from omloop.train.answering import Answering
from omloop.train.batching import Lesson, loader
from omloop.train.frozen import Frozen
from omloop.train.mixup import training_batch
from omloop.train.optimisers import optimiser_of
from omloop.train.plan import Plan
from omloop.train.process import has_bfloat16, most_threads, threads_given

LONGEST_S = 10.0
SHARE = 0.05
"""The share of the expected training time for a trial."""
LEAST = 4
"""Steps of a trial: two paces, and two steps of each."""
ROUNDS = 5
START_S = 0.5
"""What the first step at a pace may take to start threads and choose kernels."""
WORTH = 0.65
"""How much of a core each thread must bring: it takes two threads if they are 1.3 times as fast as one."""
CLEARLY = 0.9
"""It takes float32 if that needs less than this share of bfloat16's time: chance must not decide a near tie."""
KEPT = "pace.json"
LOG = logging.getLogger("omloop.train")


@dataclass(frozen=True)
class Pace:
    """Threads of a training, and whether it computes in bfloat16 where that is enough."""

    threads: int
    bfloat16: bool = False

    def __str__(self) -> str:
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{threads}, {'bfloat16' if self.bfloat16 else 'float32'}"


def at_pace(answering: Answering, lesson: Lesson, job: Job, plan: Plan) -> Plan:
    """The plan in the fastest precision on this machine; from now on torch uses the threads.

    It reports the result and keeps it with the run. A later training of a similar network on this machine takes it
    again.
    """
    pace, why = _pace(answering, lesson, job, plan)
    torch.set_num_threads(pace.threads)
    job.tell(f"train: {pace} ({why})")
    job.keep(KEPT, json.dumps({**asdict(pace), "why": why}))
    return replace(plan, recipe=replace(plan.recipe, mixed=pace.bfloat16))


def fastest(seconds: Mapping[Pace, float]) -> Pace:
    """The pace with the fewest seconds a step, of those whose threads do not mostly wait for each other.

    Two threads that are a little faster than one are not worth a second core:

    >>> str(fastest({Pace(1, True): 0.10, Pace(2, True): 0.09, Pace(1): 0.15}))
    '1 thread, bfloat16'
    >>> str(fastest({Pace(1, True): 0.10, Pace(2, True): 0.06}))
    '2 threads, bfloat16'
    """
    fewest = min(pace.threads for pace in seconds)
    alone = min(taken for pace, taken in seconds.items() if pace.threads == fewest)
    worth = {
        pace: taken if pace.bfloat16 else taken / CLEARLY
        for pace, taken in seconds.items()
        if pace.threads == fewest or taken * pace.threads * WORTH <= alone * fewest
    }
    return min(worth, key=lambda pace: (worth[pace], pace.threads))


def candidates(most: int, *, fixed: bool = False, mixed: bool = False) -> list[Pace]:
    """The paces to try, the most telling first: one thread, all, and powers of two between; then the other precision.

    >>> [str(pace) for pace in candidates(4)]
    ['1 thread, float32', '4 threads, float32', '2 threads, float32']
    >>> [str(pace) for pace in candidates(1, fixed=True, mixed=True)]
    ['1 thread, bfloat16', '1 thread, float32']
    """
    between = [2**power for power in range(1, most.bit_length()) if 2**power < most]
    counts = [most] if fixed or most == 1 else [1, most, *between]
    return [Pace(count, mixed) for count in counts] + [Pace(count) for count in counts[:2] if mixed]


def _pace(answering: Answering, lesson: Lesson, job: Job, plan: Plan) -> tuple[Pace, str]:
    """A pace, and why it is that."""
    given, most, mixed = threads_given(), most_threads(), plan.recipe.mixed and has_bfloat16()
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return Pace(most, mixed), "most of the work is a GPU's"
    told = f"OMP_NUM_THREADS asked for {given}" if given else "all that may be used"
    trying = candidates(most, fixed=given > 0, mixed=mixed)
    if len(trying) == 1:
        return trying[0], told
    kept = [Path(folder) / "pace" / f"{_key(answering, lesson, plan, trying)}.json" for folder in _folders(job)]
    for path in kept:
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Pace(**json.loads(path.read_text(encoding="utf-8"))), "as a trial found before"
    seconds = _measured(answering, lesson, plan, trying, job.seed)
    if len(seconds) < 2:
        return Pace(most, mixed), f"{told}; too little to learn for a trial"
    found = fastest(seconds)
    for path in kept:
        with contextlib.suppress(OSError, StoreError):  # a full disk: the next training tries again
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(asdict(found)).encode())
    steps = ", ".join(f"{pace} {milliseconds(taken)}" for pace, taken in seconds.items())
    return found, f"a step takes: {steps}"


def _folders(job: Job) -> list[Path]:
    """Where to keep a pace: beside the checkpoint that continues with it, and for later trainings."""
    return [Path(job.folder), *([] if job.cache is None else [job.cache])]


def _key(answering: Answering, lesson: Lesson, plan: Plan, trying: list[Pace]) -> str:
    """The key of a pace: network, batch, machine and the choices to try."""
    learned = [tuple(one.shape) for one in answering.parameters() if one.requires_grad]
    feeds = [(tuple(one.shape[1:]), str(one.dtype)) for one in lesson.tensors]
    machine = platform.machine(), platform.node(), torch.__version__
    about = (str(answering), learned, feeds, plan.batch_size, machine, [str(pace) for pace in trying])
    return hashlib.sha256(repr(about).encode()).hexdigest()[:32]


def _measured(answering: Answering, lesson: Lesson, plan: Plan, trying: list[Pace], seed: int) -> dict[Pace, float]:
    """Fewest seconds a step at each pace that there was time for, on copies, with all random states restored."""
    steps = plan.epochs * -(-len(lesson) // plan.batch_size)
    if steps * SHARE < LEAST:
        return {}
    with _undisturbed():
        try:
            rehearsal = _Rehearsal(answering, lesson, plan, seed)
            return _in_turn(rehearsal, trying, steps)
        except Exception:  # whatever a network holds or does: if it cannot train either, the training says so
            LOG.debug("no trial of threads and precision", exc_info=True)
            return {}


def _in_turn(rehearsal: _Rehearsal, trying: list[Pace], steps: int) -> dict[Pace, float]:
    """Fewest seconds a step at each pace, in rounds until the time is over, which the first of them tells."""
    until, times = float("inf"), dict[Pace, list[float]]()
    for pace in trying:
        best = min((min(taken) for taken in times.values()), default=float("inf"))
        if times and monotonic() + best > until:
            break
        times[pace] = [rehearsal.second_step(pace, unless=max(START_S, 2 * best) if times else LONGEST_S / 4)]
        if len(times) == 1:
            until = monotonic() + min(LONGEST_S, SHARE * steps * times[pace][0])
    for _ in range(ROUNDS - 1):
        for pace, taken in times.items():
            if monotonic() + min(taken) <= until:
                taken.append(rehearsal.step(pace))
    return {pace: min(taken) for pace, taken in times.items()}


class _Rehearsal:
    """Steps of a training on a copy of its network, with its own batches."""

    def __init__(self, answering: Answering, lesson: Lesson, plan: Plan, seed: int) -> None:
        self.answering = copy.deepcopy(answering).train()
        for module in self.answering.modules():
            if isinstance(module, Frozen):
                module.begin(0)
        self.split, self.plan = lesson.split, plan
        learned = [one for one in self.answering.parameters() if one.requires_grad]
        name = plan.optimiser if isinstance(plan.optimiser, str) else "adamw"  # a project's own may count its calls
        momentum = plan.recipe.momentum
        self.optimiser, _ = optimiser_of(name, learned, lr=plan.lr, weight_decay=0.0, momentum=momentum)
        batches = loader(lesson, plan.batch_size, seed, shuffle=True, by_length=plan.recipe.by_length)
        self.batches: Iterator[Any] = chain.from_iterable(batches for _ in iter(int, 1))

    def second_step(self, pace: Pace, *, unless: float) -> float:
        """Seconds of a second step, or those of the first if they are more than `unless`: no start takes so long."""
        first = self.step(pace)
        return first if first > unless else self.step(pace)

    def step(self, pace: Pace) -> float:
        """Seconds of one step: of the processor for one thread, and on the clock for several, which may wait.

        So what else runs meanwhile does not make bfloat16 look slower than float32.
        """
        clock = thread_time if pace.threads == 1 else monotonic
        torch.set_num_threads(pace.threads)
        begun = clock()
        recipe = self.plan.recipe
        feeds, targets, weights = training_batch(self.split(next(self.batches)), recipe, self.answering.classes)
        with torch.autocast("cpu", torch.bfloat16, enabled=pace.bfloat16):
            if self.plan.step is None:
                loss = self.answering.loss(feeds, targets, recipe=recipe, weights=weights)
            else:  # a project's own step may keep count of its calls
                loss = self.answering.network(*feeds).float().square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.optimiser.zero_grad()
        return clock() - begun


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Restore threads and all random states."""
    threads, states = torch.get_num_threads(), (random.getstate(), np.random.get_state())
    try:
        with torch.random.fork_rng():
            yield
    finally:
        torch.set_num_threads(threads)
        random.setstate(states[0])
        np.random.set_state(states[1])
