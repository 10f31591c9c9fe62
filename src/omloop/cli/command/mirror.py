"""`omloop mirror`."""

import argparse

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show
from omloop.loop.runs.mirror import mirror_runs

EXAMPLE = "omloop mirror student_performance c0526e"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME and the runs."""
    name_argument(parser)
    parser.add_argument("run", metavar="RUN", nargs="+", help="a run's name, or a part of it that fits no other run")


def run(args: argparse.Namespace) -> int:
    """Send runs to the mirrors again, and print which."""
    sent = mirror_runs(args.name, args.run, workspace_of(args))
    show(args, {"sent": sent}, *(f"sent  {name}" for name in sent))
    return 0
