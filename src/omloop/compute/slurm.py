"""The adapter `slurm`: jobs of a cluster that Slurm schedules, whose nodes share a file system with this machine.

Its commands are sbatch(1), squeue(1), sacct(1) and scancel(1). How a job ended stands in its folder. omloop asks Slurm
only about jobs that have not ended, or could not say how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omloop.compute.cluster import ask, require, said
from omloop.compute.folder import (
    gone,
    made,
    note_cancelled,
    outcome,
    read_log,
    require_no_address,
    variables_of,
    write_script,
)
from omloop.compute.settings import ComputeSettings
from omloop.core import ComputeError, ComputeJob, JobState, JobStatus, Settings

WHO = "Slurm"
_STATES: Mapping[str, JobState] = {
    **dict.fromkeys(("CONFIGURING", "PENDING", "REQUEUED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"), "waiting"),
    **dict.fromkeys(("COMPLETING", "RUNNING", "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED", "RESIZING"), "running"),
    **dict.fromkeys(("BOOT_FAIL", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "TIMEOUT"), "failed"),
    **dict.fromkeys(("NODE_FAIL", "PREEMPTED", "REVOKED"), "lost"),
    "CANCELLED": "cancelled",
    "COMPLETED": "finished",
}
"""Job state codes of squeue(1) and sacct(1)."""
_NO_SUCH_JOB = "Invalid job id"


@dataclass(frozen=True)
class SlurmCompute:
    """Jobs of a cluster with Slurm."""

    settings: ComputeSettings

    @classmethod
    def of(cls, address: str, folder: Path, *, settings: Settings) -> SlurmCompute:
        """The cluster that this machine submits to."""
        require_no_address("slurm", address)
        return cls(settings.of(ComputeSettings))

    def submit(self, job: ComputeJob) -> str:
        """As `Compute` says; the handle is Slurm's number of the job."""
        script = write_script(job, self._header(job), self.settings.setup, python=self.settings.python)
        names = ",".join(variables_of(job)) or "NONE"
        found = require(WHO, ["sbatch", "--parsable", f"--export={names}", str(script)])
        number = found.splitlines()[-1].partition(";")[0] if found else ""
        if not number.isdigit():
            raise ComputeError(f"{WHO} gave no number of the job, but: '{found:.200}'.")
        return number

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """As `Compute` says."""
        if found := outcome(job):
            return found
        asked = ask(WHO, ["squeue", "--noheader", f"--jobs={handle}", "--states=all", "--format=%T|%r"])
        if asked.returncode != 0 and _NO_SUCH_JOB not in asked.stderr:
            raise ComputeError(f"{WHO} refuses 'squeue': {said(asked)}")
        state, _, reason = asked.stdout.strip().partition("|")
        if not state:
            state, reason = self._accounted(handle), ""
        return _status(job, state, "" if reason == "None" else reason)

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """As `Compute` says."""
        return read_log(job, begin)

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """As `Compute` says: all of it lies on the shared file system."""
        return made(job)

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """As `Compute` says."""
        if not self.status(job, handle).over:
            note_cancelled(job)
            require(WHO, ["scancel", handle])

    def _header(self, job: ComputeJob) -> list[str]:
        needs, kept = job.needs, job.kept.replace("%", "%%")
        asked = {
            "job-name": job.name,
            "output": f'"{kept}/slurm.out"',
            "cpus-per-task": needs.cpus,
            "gpus": needs.gpus or None,
            "mem": f"{needs.memory_megabytes}M" if needs.memory_megabytes else None,
            "time": needs.minutes or None,
            "partition": self.settings.queue or None,
            "account": self.settings.account or None,
        }
        return ["#SBATCH --ntasks=1", *(f"#SBATCH --{key}={value}" for key, value in asked.items() if value)]

    def _accounted(self, handle: str) -> str:
        """What Slurm's accounting says of a job that is no longer queued; empty where there is no accounting."""
        try:
            found = ask(WHO, ["sacct", "-X", "-n", "-P", "-j", handle, "-o", "State"])
        except ComputeError:
            return ""
        return found.stdout.strip().partition("\n")[0] if found.returncode == 0 else ""


def _status(job: ComputeJob, state: str, reason: str) -> JobStatus:
    word = state.split(maxsplit=1)[0].rstrip("+") if state else ""  # "CANCELLED by 1000"
    meant = _STATES.get(word)
    if meant in ("waiting", "running"):
        return JobStatus(meant, reason=reason)
    found = gone(job)  # the folder may know by now
    if found.state == "lost" and meant is not None:
        return JobStatus("lost" if meant == "finished" else meant, reason=f"{WHO} says {word}")
    return found
