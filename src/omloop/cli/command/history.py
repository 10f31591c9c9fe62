"""`omloop history`."""

import argparse
from dataclasses import asdict

from omloop.cli.named import name_argument, registry_of
from omloop.cli.show import show, table
from omloop.core import utc_text

EXAMPLE = "omloop history student_performance --last 20"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and how much of it."""
    name_argument(parser)
    parser.add_argument("--last", type=int, default=0, metavar="N", help="show only the newest N events (default: all)")


def run(args: argparse.Namespace) -> int:
    """Show every decision with its evidence, oldest first; all of the evidence with --json."""
    events = registry_of(args).history()[-args.last :] if args.last > 0 else registry_of(args).history()
    rows = [[str(e.number), utc_text(e.time), e.kind, e.version, e.champion or "", e.by, e.reason] for e in events]
    found = [{**asdict(event), "time": utc_text(event.time)} for event in events]
    nothing = f"Nothing has happened to '{args.name}' yet. Begin with: omloop turn {args.name}"
    columns = ["#", "time (UTC)", "event", "version", "champion after", "by", "why"]
    show(args, found, table(columns, rows) if rows else nothing)
    return 0
