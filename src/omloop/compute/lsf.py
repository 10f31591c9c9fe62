"""The adapter `lsf`: jobs of a cluster that IBM Spectrum LSF schedules, with a file system that this machine shares.

Its commands are bsub, bjobs and bkill, as the documentation of version 10.1 describes them. The tests run it against
programs that behave as that says, never on a cluster. It needs no `bpeek`: a job prints into its folder.
"""

from __future__ import annotations

import re
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

WHO = "LSF"
_SUBMITTED = re.compile(r"Job <(\d+)> is submitted")
_STATES: Mapping[str, JobState] = {
    **dict.fromkeys(("PEND", "PROV", "PSUSP", "WAIT"), "waiting"),
    **dict.fromkeys(("RUN", "SSUSP", "USUSP", "UNKWN"), "running"),
    "DONE": "finished",
    "EXIT": "failed",
    "ZOMBI": "lost",
}
"""States that bjobs tells of a job. LSF asks again about an UNKWN one, whose machine is silent."""


@dataclass(frozen=True)
class LsfCompute:
    """Jobs of a cluster with LSF."""

    settings: ComputeSettings

    @classmethod
    def of(cls, address: str, folder: Path, *, settings: Settings) -> LsfCompute:
        """The cluster that this machine submits to."""
        require_no_address("lsf", address)
        return cls(settings.of(ComputeSettings))

    def submit(self, job: ComputeJob) -> str:
        """As `Compute` says; the handle is LSF's number of the job."""
        script = write_script(job, self._header(job), self.settings.setup, python=self.settings.python)
        names = ", ".join(variables_of(job)) or "none"
        told = require(WHO, ["bsub", "-env", names], stdin=script)
        found = _SUBMITTED.search(told)
        if found is None:
            raise ComputeError(f"{WHO} gave no number of the job, but: '{told:.200}'.")
        return found[1]

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """As `Compute` says."""
        if found := outcome(job):
            return found
        asked = ask(WHO, ["bjobs", "-noheader", "-o", "stat exit_code", handle])
        words = asked.stdout.split()
        if not words and "is not found" not in asked.stdout + asked.stderr:
            raise ComputeError(f"{WHO} refuses 'bjobs': {said(asked)}")
        meant = _STATES.get(words[0]) if words else None
        if meant in ("waiting", "running"):
            return JobStatus(meant)
        ended = gone(job)  # the folder may know by now
        if ended.state == "lost" and meant == "failed":
            code = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
            return JobStatus("failed", code, f"{WHO} says {' '.join(words)}")
        return ended

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
            require(WHO, ["bkill", handle])

    def _header(self, job: ComputeJob) -> list[str]:
        needs, kept = job.needs, job.kept.replace("%", "%%")
        megabytes = needs.memory_megabytes
        asked = {
            "J": job.name,
            "o": f'"{kept}/lsf.out"',
            "n": needs.cpus,
            "R": f'"span[hosts=1]{f" rusage[mem={megabytes}MB]" if megabytes else ""}"',
            "M": f"{megabytes}MB" if megabytes else None,
            "gpu": f'"num={needs.gpus}"' if needs.gpus else None,
            "W": needs.minutes or None,
            "q": self.settings.queue or None,
            "P": self.settings.account or None,
        }
        return [f"#BSUB -{key} {value}" for key, value in asked.items() if value]
