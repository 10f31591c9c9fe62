"""What a compute backend must be able to do, and how it learns of a job."""

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
    """A command line of omloop that runs elsewhere: `python -m MODULE WORDS`, in the `folder`.

    `places` are further words for machines that see the files of this one: the paths of the workspace and the projects.
    `kept` is the job's own folder, for its script, its log and how it ended. `variables` names variables of this
    environment that it gets; no file holds their values. `outputs` are files that it writes.
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
    """The state of a job. A job that ended by itself has an `exit_code`; `reason` says more if there is more to say.

    A `lost` job vanished without a word: its machine went down, or somebody killed it.
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
    """A place that runs jobs. All verbs raise ComputeError if it is out of reach, or refuses.

    `submit` gives a `handle`. Any process that has the handle and the job may ask.
    """

    def submit(self, job: ComputeJob) -> str:
        """Begin a job, or queue it; gives its handle there."""

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """How it is now."""

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """The job's output so far, from that byte on."""

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """Copy the files that the job made to this machine, unless they are here; its log comes first."""

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """End it; nothing happens to one that is over."""


class TaskCompute(Compute, Protocol):
    """A place that also runs single functions."""

    def executor(self, needs: Resources) -> Executor:
        """Workers that run functions, each call with what it `needs`. A call is retried if its machine is lost."""

    def slots(self, needs: Resources) -> int:
        """How many such calls run at once."""
