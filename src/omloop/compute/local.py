"""The adapter `local`: a job is a process of this machine, which goes on when whoever began it ends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from omloop.compute.folder import (
    LOCK,
    await_end,
    gone,
    made,
    note_cancelled,
    outcome,
    read_log,
    require_no_address,
    variables_of,
    write_script,
)
from omloop.core import ComputeError, ComputeJob, JobStatus, Settings, as_store_error
from omloop.core import _locks as locks

END_S = 5.0
"""How long `cancel` waits for the end."""


class LocalCompute:
    """Processes of this machine. A lock that a job's process holds tells whether it is still there."""

    @classmethod
    def of(cls, address: str, folder: Path, *, settings: Settings) -> LocalCompute:
        """This machine; raises ComputeError where its system lacks locks of files."""
        require_no_address("local", address)
        if not locks.CAN_LOCK:
            raise ComputeError("Jobs of this machine need locks of files, which this system lacks. Leave out --on.")
        return cls()

    def submit(self, job: ComputeJob) -> str:
        """As `Compute` says."""
        script = write_script(job)
        with as_store_error("write", script), (script.parent / LOCK).open("wb") as lock:
            locks.take(lock.fileno())
            process = subprocess.Popen(
                ["/bin/sh", str(script)],
                cwd=job.folder,
                env=variables_of(job),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[lock.fileno()],
                start_new_session=True,
            )
        _forget(process)
        return str(process.pid)

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """As `Compute` says."""
        if found := outcome(job):
            return found
        try:
            descriptor = os.open(Path(job.kept) / LOCK, os.O_RDWR)
        except OSError:
            return gone(job)
        try:
            return gone(job) if locks.take(descriptor) else JobStatus("running")
        finally:
            os.close(descriptor)

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """As `Compute` says."""
        return read_log(job, begin)

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """As `Compute` says: all of it lies here."""
        return made(job)

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """As `Compute` says."""
        if self.status(job, handle).over:
            return
        note_cancelled(job)
        await_end(self, job, handle, END_S)


def _forget(process: subprocess.Popen[bytes]) -> None:
    """Wait for it in the background; else it stays a zombie while this process lives, and Python warns of it."""
    import threading

    threading.Thread(target=process.wait, name=f"omloop-job-{process.pid}", daemon=True).start()
