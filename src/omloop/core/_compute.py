"""What carries a job out somewhere else must be able to do, and what it is told of the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

JobState = Literal["waiting", "running", "finished", "failed", "cancelled", "lost"]
_OVER = ("finished", "failed", "cancelled", "lost")


@dataclass(frozen=True)
class Resources:
    """What a job takes: CPU cores, GPUs, megabytes of memory, minutes. 0 minutes or megabytes: as is usual there."""

    cpus: int = 1
    gpus: int = 0
    memory_megabytes: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class ComputeJob:
    """A command line of omloop that is carried out elsewhere: `python -m MODULE WORDS`, in the `folder`.

    `places` are further words for machines that see the files of this one: where the workspace and the projects lie.
    `kept` is a folder of its own, for its script, its log and how it ended. `variables` names variables of this
    environment that it gets; their values stand in no file. `outputs` are files that it writes.
    """

    name: str
    words: tuple[str, ...]
    folder: str
    kept: str
    module: str = "omloop"
    places: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    needs: Resources = Resources()


@dataclass(frozen=True)
class JobStatus:
    """How a job is; `exit_code` is known of what ended by itself, `reason` says more where there is more to say.

    A `lost` job is gone without a word: its machine went down, or somebody killed it.
    """

    state: JobState
    exit_code: int | None = None
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether it will not change any more.

        >>> JobStatus("waiting").over, JobStatus("lost").over
        (False, True)
        """
        return self.state in _OVER


class Compute(Protocol):
    """Where jobs are carried out. All verbs raise ComputeError where it cannot be reached, or refuses.

    A `handle` is what `submit` gave: any process that has it and the job may ask.
    """

    def submit(self, job: ComputeJob) -> str:
        """Begin a job, or queue it; gives the handle by which it is known there."""

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """How it is now."""

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """What it has printed so far, from that byte on."""

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """Bring what it made to this machine, where it is not yet: the files, its log the first."""

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """End it; nothing happens to one that is over."""


class TaskCompute(Compute, Protocol):
    """Where single functions are carried out too."""

    def executor(self, needs: Resources) -> Executor:
        """Who carries out functions, each call with what it `needs`; one whose machine is lost is tried again."""

    def slots(self, needs: Resources) -> int:
        """How many such calls run at once."""
