"""`omloop new`."""

import argparse

from omloop.cli.named import workspace_of
from omloop.cli.show import show
from omloop.loop.project.new import new_project

EXAMPLE = "omloop new my_rides --like student_performance"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and what to make it from."""
    parser.add_argument("name", metavar="NAME", help="the new project's name: small letters, digits and _")
    parser.add_argument("--like", metavar="PROJECT", default="", help="the project to begin from")
    parser.add_argument("--kind", default="table", help="else: the first project with such inputs (default: table)")


def run(args: argparse.Namespace) -> int:
    """Copy a working project under another name."""
    folder = new_project(args.name, workspace_of(args), like=args.like, kind=args.kind)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    value = {"project": args.name, "folder": str(folder), "files": files}
    show(args, value, f"made {folder} with {', '.join(files)}", f"try it: omloop turn {args.name}")
    return 0
