"""`omloop rollback`."""

import argparse
import getpass

from omloop.cli.show import show
from omloop.loop import Workspace
from omloop.loop.serving import require_known

EXAMPLE = 'omloop rollback student_performance --reason "complaints since noon"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and how far back."""
    parser.add_argument("name", metavar="NAME", help="a project's name")
    parser.add_argument("--to", metavar="VERSION", help="an earlier champion (default: the one before)")
    parser.add_argument("--reason", default="", help="why, for the history")


def run(args: argparse.Namespace) -> int:
    """Put an earlier champion back in charge."""
    workspace = Workspace.of(workspace=args.workspace, projects=args.projects)
    require_known(args.name, workspace)
    registry = workspace.registry(args.name)
    before = registry.champion()
    event = registry.rollback(by=getpass.getuser(), reason=args.reason, to=args.to)
    value = {"champion": event.champion, "before": before, "reason": args.reason}
    show(args, value, f"champion {event.champion} again (before: {before}); servers pick it up by themselves")
    return 0
