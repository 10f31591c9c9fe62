"""A worker of a sweep: it asks for a trial, runs it, and reports the result, until there are enough."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError, TrainError, as_store_error, is_there, this_process
from omloop.core import _locks as locks
from omloop.loop.serving.server_process import ended_by_signals
from omloop.loop.sweep.order import Sweep, SweepOrder
from omloop.loop.sweep.trial import ChangedDataError, TrialRunner

if TYPE_CHECKING:
    from omloop.sweep.optuna import OptunaStudy, Proposal

SEEN_S = 60.0
"""How often a worker notes that it is there, for machines that cannot look at its process."""
SILENT_S = 600.0
"""A worker of another machine that has been silent for this long is gone."""
ALL_FAIL = 3
"""If this many trials fail and none succeeds, the sweep ends: the cause is the same for all."""
LOOK_S = 0.5
FAILED = 1
"""The exit code of a worker whose last line says why it gave up; a killed one has another."""


def work(
    sweep: Sweep, until: float, ended: Callable[[OptunaStudy], None], tell: Callable[[str], None], name: str = ""
) -> None:
    """Run trials until there are enough, or until a moment of the monotonic clock; `ended` hears of each.

    Trials are marked with the `name` of this worker, by which whoever started it takes them back should it die.

    A trial that fails is told as such. Raises TrainError where the first `ALL_FAIL` all do, with the last reason.
    """
    study = sweep.study()
    runner = TrialRunner(sweep, study, tell)
    while proposal := _next(sweep, study, until, name):
        if study.tell_again(proposal):
            ended(study)
            continue
        value, reason = None, ""
        with _seen(proposal):
            try:
                value = runner.run(proposal)
            except (KeyboardInterrupt, ChangedDataError):
                study.put_back(proposal)
                raise
            except OmloopError as error:
                reason = str(error)
            except BaseException as error:
                study.tell(proposal, None, reason=f"{type(error).__name__}: {error}")
                raise
        study.tell(proposal, value, reason=reason)
        ended(study)
        over = [trial for trial in study.trials() if trial.over]
        if len(over) >= ALL_FAIL and all(trial.state == "failed" for trial in over):
            raise TrainError(f"The first {len(over)} trials failed. The last: {over[-1].reason}")


def is_gone(noted: Mapping[str, Any]) -> bool:
    """Whether the process that noted this of itself with a trial is there no more."""
    process = noted.get("process")
    there = is_there(process) if isinstance(process, Mapping) else None
    return time.time() - float(noted.get("seen", 0.0)) > SILENT_S if there is None else not there


def enough(sweep: Sweep, study: OptunaStudy) -> bool:
    """Whether no further trial is wanted, those counted that run."""
    return sum(trial.over or trial.state == "running" for trial in study.trials()) >= sweep.most(study)


def _next(sweep: Sweep, study: OptunaStudy, until: float, name: str) -> Proposal | None:
    """The next trial, marked as this process's; None where there are enough, or time is up."""
    with _alone(sweep):
        if time.monotonic() >= until or enough(sweep, study):
            return None
        proposal = study.ask()
        proposal.note(process=this_process(), seen=time.time(), worker=name)
        return proposal


@contextlib.contextmanager
def _alone(sweep: Sweep) -> Iterator[None]:
    """Keep other workers of this machine from asking at the same moment: they would begin one trial too many."""
    path = sweep.folder / "ask.lock"
    with as_store_error("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        locks.hold(descriptor)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _seen(proposal: Proposal) -> Iterator[None]:
    """Note now and then that this process is at it."""
    over = threading.Event()

    def note() -> None:
        while not over.wait(SEEN_S):
            with contextlib.suppress(Exception):  # the next note may get through
                proposal.note(seen=time.time())

    threading.Thread(target=note, name="omloop-sweep", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def main(text: str, number: int, name: str, *, shared: bool) -> int:
    """What one worker of several does; it keeps to its own share of the cores, where they are `shared`."""
    order = SweepOrder.read(text)
    if shared and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        own = cores[number :: order.options.jobs] or [cores[number % len(cores)]]
        os.sched_setaffinity(0, own)
    until = time.monotonic() + order.options.seconds if order.options.seconds else float("inf")
    try:
        with ended_by_signals():
            work(Sweep.of(order), until, lambda study: None, lambda text: None, name)
    except OmloopError as error:
        sys.stdout.write(f"{error}\n")
        return FAILED
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    kept = Path(sys.argv[3]).read_text() if len(sys.argv) > 3 else ""
    sys.exit(main(kept or sys.stdin.read(), int(sys.argv[1]), sys.argv[2], shared=not kept))
