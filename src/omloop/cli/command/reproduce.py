"""`omloop reproduce`."""

import argparse

from omloop.cli.console import style_line
from omloop.cli.fail_on import FAILED
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show, table
from omloop.loop.project.discover import find_project
from omloop.loop.version.reproduce import Reproduction, reproduce

EXAMPLE = "omloop reproduce student_performance 832f76b52bdd"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, which version, and in which environment."""
    name_argument(parser)
    parser.add_argument("version", metavar="VERSION", nargs="?", help="the version (default: the champion)")
    parser.add_argument("--here", action="store_true", help="use this environment even if its packages differ")


def run(args: argparse.Namespace) -> int:
    """Make the version again, and say whether it is equal; exit with 3 where it is not."""
    workspace = workspace_of(args)
    project = find_project(args.project, workspace.settings)
    found = reproduce(project, workspace, args.version, here=args.here, tell=progress(args, always=True))
    rows = [[name, repr(before), repr(after)] for name, (before, after) in found.metrics.items()]
    show(
        args,
        _as_json(found),
        style_line((f"{found.project} {found.version}", "bold"), f": {found.verdict}"),
        table(["metric", "then", "again"], rows),
        *(f"differs    {one}" for one in found.differs),
    )
    return 0 if found.equal else FAILED


def _as_json(found: Reproduction) -> dict[str, object]:
    return {
        "project": found.project,
        "version": found.version,
        "again": found.again,
        "equal": found.equal,
        "same_bytes": found.same_bytes,
        "metrics": {name: {"then": before, "again": after} for name, (before, after) in found.metrics.items()},
        "differs": list(found.differs),
    }
