"""One process of several that share a training: python -m omloop.train.replica FOLDER, started by `replicas`."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import IO, Any

LOST = 3
"""The exit status of a process that gave up its training."""


def main(folder: Path) -> int:
    """Learn with the others; the first one leaves the weights in the folder, and who fails leaves a sentence there."""
    rank, of = int(os.environ["LOCAL_RANK"]), int(os.environ["WORLD_SIZE"])
    # What a project prints must not come between what is told.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answers: Queue[str] = Queue(maxsize=1)
    asked = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    threading.Thread(target=_listen, args=(asked, answers), daemon=True).start()
    try:
        _learn(folder, rank, of, _log(channel, answers, rank))
    except Exception as error:  # whatever a network or a project's step meets; the log has all of it
        traceback.print_exc()
        _leave(folder / f"{rank}.error", error)
        return 1
    return 0


def _learn(folder: Path, rank: int, of: int, log: Callable[[int, Mapping[str, float]], bool]) -> None:
    import cloudpickle
    import torch

    from omloop.train.batching import Share
    from omloop.train.lightning import learned
    from omloop.train.process import quiet
    from omloop.train.replicas import PLAN, TRAIN, VALIDATION, WEIGHTS, lesson_from

    handed = cloudpickle.loads((folder / PLAN).read_bytes())
    lessons = (
        lesson_from(folder / TRAIN, weighted=handed.weighted),
        lesson_from(folder / VALIDATION, weighted=handed.weighted),
    )
    job: Any = SimpleNamespace(seed=handed.seed, folder=Path(handed.folder), log=log)
    torch.manual_seed(handed.seed)
    with quiet():
        weights = learned(handed.answering, lessons, job, handed.plan, Share(rank, of))
    if rank == 0:
        torch.save({"weights": weights}, folder / WEIGHTS)


def _log(channel: IO[str], answers: Queue[str], rank: int) -> Callable[[int, Mapping[str, float]], bool]:
    """The log of each process: the first reports an epoch, and all learn whether to continue."""

    def log(step: int, metrics: Mapping[str, float]) -> bool:
        import torch

        go_on = [True]
        if rank == 0:
            channel.write(f"{json.dumps([step, dict(metrics)])}\n")
            channel.flush()
            go_on = [json.loads(answers.get())]
        torch.distributed.broadcast_object_list(go_on, src=0)
        return go_on[0]

    return log


def _listen(pipe: IO[str], answers: Queue[str]) -> None:
    """Pass answers on, and end with the process that began all this: nobody waits for the weights any more."""
    for line in pipe:
        answers.put(line)
    os._exit(LOST)


def _leave(path: Path, error: Exception) -> None:
    from omloop.core import OmloopError, first_line

    known = isinstance(error, OmloopError)
    path.write_text(str(error) if known else f"{type(error).__name__}: {first_line(error)}.", encoding="utf-8")


if __name__ == "__main__":
    status = main(Path(sys.argv[1]))
    sys.stderr.flush()
    # Not by sys.exit: threads of the others' connections may be waiting still.
    os._exit(status)
