"""A job's own folder, which whoever submits it and whoever carries it out both see: its script, its log, its end."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from omloop.core import Compute, ComputeError, ComputeJob, JobStatus, SettingError, as_store_error, write_whole

SCRIPT, LOG, EXIT, CANCELLED, LOCK = "job.sh", "log", "exit", "cancelled", "lock"
USUAL = (
    *("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LOGNAME", "MODULEPATH", "MODULESHOME", "PATH", "PYTHONPATH"),
    *("TMPDIR", "USER", "VIRTUAL_ENV"),
)
"""Variables that every job gets, beside those of omloop's settings."""
MODULES = 'command -v module >/dev/null || [ ! -r "${MODULESHOME:-}/init/sh" ] || . "$MODULESHOME/init/sh"'
"""Gives a job's shell the command `module`, as Lmod and Environment Modules do for shells that people log in to."""
LOOK_S = 0.1
MOST_LOG = 8 << 20
"""Bytes of a log that are read at once."""


def write_script(
    job: ComputeJob, header: Sequence[str] = (), setup: str = "", *, python: str = "", flags: Sequence[str] = ()
) -> Path:
    """Write the shell script of a job, which any scheduler takes, with `header` lines for the scheduler on top.

    `setup` is a line of shell before the job, and `python` the words of shell that begin Python; empty takes this one.
    """
    if "\n" in job.kept + job.folder or "\r" in job.kept + job.folder:
        raise ComputeError(f"A job cannot run in a folder whose name has two lines: {job.folder!r}.")
    python = python or shlex.quote(sys.executable)
    run = ["-m", "omloop.compute.runner", *flags, job.kept, "--", job.module, *job.words, *job.places]
    threads = f'export OMP_NUM_THREADS="${{OMP_NUM_THREADS:-{job.needs.cpus}}}"'  # of NumPy, torch and their like
    before = [MODULES, setup] if setup else []
    lines = ["#!/bin/sh", *header, *before, threads, f"cd {shlex.quote(job.folder)} || exit 1"]
    path = Path(job.kept) / SCRIPT
    write_whole(path, "\n".join([*lines, f"exec {python} {shlex.join(run)}", ""]).encode())
    return path


def variables_of(job: ComputeJob) -> dict[str, str]:
    """The variables that a job gets, with their values in this process."""
    names = [name for name in os.environ if name in USUAL or name.startswith("OMLOOP_") or name in job.variables]
    return {name: os.environ[name] for name in sorted(names)}


def outcome(job: ComputeJob) -> JobStatus | None:
    """How a job ended, as its folder says; None where it says nothing yet."""
    folder = Path(job.kept)
    try:
        code = int((folder / EXIT).read_text())
    except (OSError, ValueError):
        return None
    if code == 0:
        return JobStatus("finished", 0)
    if (folder / CANCELLED).exists():
        return JobStatus("cancelled", code)
    return JobStatus("failed", code, f"killed by signal {code - 128}" if code > 128 else f"exit code {code}")


def gone(job: ComputeJob) -> JobStatus:
    """How a job is that nobody carries out any more: as it ended, or lost."""
    if found := outcome(job):
        return found
    return JobStatus("cancelled" if (Path(job.kept) / CANCELLED).exists() else "lost")


def read_log(job: ComputeJob, begin: int = 0) -> bytes:
    """What a job printed from that byte on, `MOST_LOG` bytes at most; empty where it has not begun."""
    try:
        with (Path(job.kept) / LOG).open("rb") as file:
            file.seek(begin)
            return file.read(MOST_LOG)
    except FileNotFoundError:
        return b""


def made(job: ComputeJob) -> list[Path]:
    """What a job made that is there: its log, and its outputs."""
    paths = [Path(job.kept) / LOG, *(Path(job.folder) / name for name in job.outputs)]
    return [path for path in paths if path.exists()]


def require_no_address(name: str, address: str) -> None:
    """Refuse an address for a backend of which there is one alone; raises SettingError."""
    if address:
        raise SettingError(f"'{name}' takes no address, but {name}:{address} gives one. Write --on {name}.", key="on")


def await_end(compute: Compute, job: ComputeJob, handle: str, seconds: float) -> None:
    """Wait until a job is over, so many seconds at most."""
    until = time.monotonic() + seconds
    while not compute.status(job, handle).over and time.monotonic() < until:
        time.sleep(LOOK_S)


def note_cancelled(job: ComputeJob) -> None:
    """Tell whoever carries a job out that it is to end, and who asks later why it did."""
    path = Path(job.kept) / CANCELLED
    with as_store_error("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
