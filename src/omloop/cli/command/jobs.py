"""`omloop jobs`."""

import argparse
from collections.abc import Callable, Mapping

from omloop.cli.named import workspace_of
from omloop.cli.on import follow, write
from omloop.cli.show import show, table
from omloop.core import ComputeError, JobStatus, OmloopError
from omloop.loop.jobs.jobs import SubmittedJob, find_job, jobs_of

EXAMPLE = "omloop jobs logs 20261129-101500-3fa9c1 --follow"
SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """VERB, and which job."""
    parser.add_argument("verb", metavar="VERB", choices=("list", *VERBS), help=", ".join(("list", *VERBS)))
    parser.add_argument(
        "job", metavar="JOB", nargs="?", help="the job's id, or its first or last characters; for list: a project"
    )
    parser.add_argument("--follow", action="store_true", help="logs: follow the job to its end, and exit with its code")


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    if args.verb == "list":
        return _list(args)
    if not args.job:
        raise OmloopError(f"Which job? Name one: omloop jobs {args.verb} JOB. See: omloop jobs list")
    return VERBS[args.verb](args, find_job(workspace_of(args), args.job))


def _list(args: argparse.Namespace) -> int:
    found = jobs_of(workspace_of(args), args.job)
    shown = found if args.json else found[:SHOWN]
    rows = [(job, _state(job)) for job in shown]
    if not rows:
        show(args, [], "There is no job. Begin one with: omloop turn NAME --on slurm")
        return 0
    lines = [[job.id, job.on, job.project, job.job.words[0], job.since, state] for job, state in rows]
    values = [{**job.facts(), "project": job.project, "state": state} for job, state in rows]
    show(args, values, table(["job", "on", "project", "command", "since", "state"], lines))
    return 0


def _state(job: SubmittedJob) -> str:
    try:
        return job.status().state
    except ComputeError:
        return "out of reach"


def _status(args: argparse.Namespace, job: SubmittedJob) -> int:
    _show_status(args, job, job.status())
    return 0


def _logs(args: argparse.Namespace, job: SubmittedJob) -> int:
    if args.follow:
        return follow(job)
    begin = 0
    while text := job.logs(begin):
        begin += len(text)
        write(text)
    return 0


def _fetch(args: argparse.Namespace, job: SubmittedJob) -> int:
    found, files = job.status(), [str(path) for path in job.fetch()]
    if not found.over:
        raise OmloopError(f"The job {job.id} is {found.state}. Wait for it: omloop jobs logs {job.id} --follow")
    show(args, {"job": job.id, "state": found.state, "files": files}, f"{job.id}: {found.state}", *files)
    return 0


def _cancel(args: argparse.Namespace, job: SubmittedJob) -> int:
    _show_status(args, job, job.cancel())
    return 0


def _show_status(args: argparse.Namespace, job: SubmittedJob, found: JobStatus) -> None:
    told = {**job.facts(), "state": found.state, "exit_code": found.exit_code, "reason": found.reason or None}
    why = f" ({found.reason})" if found.reason else ""
    show(args, told, f"{job.id} on {job.on}: {found.state}{why}")


VERBS: Mapping[str, Callable[[argparse.Namespace, SubmittedJob], int]] = {
    "status": _status,
    "logs": _logs,
    "fetch": _fetch,
    "cancel": _cancel,
}
