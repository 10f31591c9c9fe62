"""Commands that can run elsewhere: --on, and --wait for the end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from omloop.cli.console import visible
from omloop.cli.named import workspace_of
from omloop.cli.show import show
from omloop.core import ComputeError, JobStatus

if TYPE_CHECKING:
    from omloop.loop.jobs.jobs import SubmittedJob

ATTACHED = ("ray",)
"""Backends whose jobs end with the command that began them: it always waits."""


def on_argument(parser: argparse.ArgumentParser, *, wait: bool = True) -> None:
    """Add --on, and --wait where the command would not wait anyway."""
    parser.add_argument(
        "--on",
        metavar="NAME",
        help="where to run it: local, ray, slurm, lsf, vertex (default: in this process)",
    )
    if wait:
        parser.add_argument("--wait", action="store_true", help="with --on: follow the job to its end")


def submit(args: argparse.Namespace, words: Sequence[str], outputs: Sequence[str] = ()) -> int:
    """Begin the command line elsewhere, and say how to follow it; with --wait, do so and exit as it does."""
    from omloop.loop.jobs.jobs import submit_job

    wait = args.wait or args.on.partition(":")[0] in ATTACHED
    as_json = ["--json"] if args.json and wait else []
    job = submit_job(workspace_of(args), args.on, args.name, [*words, *as_json], outputs=outputs)
    if wait:
        sys.stderr.write(f"omloop: job {job.id} on {visible(job.on)}\n")
        return follow(job)
    there = f"--workspace {args.workspace} " if args.workspace else ""
    show(
        args,
        job.facts(),
        f"job       {job.id} on {job.on} ({job.handle})",
        f"follow    omloop jobs logs {job.id} {there}--follow",
        f"end       omloop jobs cancel {job.id} {there}".rstrip(),
    )
    return 0


def follow(job: SubmittedJob) -> int:
    """Print what a job prints until it is over; gives its exit code, and raises ComputeError where it has none."""
    return code_of(job, job.wait(write))


def write(text: bytes) -> None:
    """Print what a job printed, as it is."""
    sys.stdout.write(text.decode(errors="replace"))
    sys.stdout.flush()


def code_of(job: SubmittedJob, found: JobStatus) -> int:
    """The exit code of a job that is over; raises ComputeError for one that did not end by itself."""
    if found.state == "finished" or (found.state == "failed" and (found.exit_code or 0) in range(1, 128)):
        return found.exit_code or 0
    why = f": {found.reason}" if found.reason else ""
    raise ComputeError(f"The job {job.id} on {job.on} is {found.state}{why}. See: omloop jobs logs {job.id}")
