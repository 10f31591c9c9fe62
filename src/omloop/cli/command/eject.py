"""`omloop eject`."""

import argparse
from pathlib import Path

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import show
from omloop.loop.deploy.eject import eject_project

EXAMPLE = "omloop eject student_performance --into ../student-service"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, and the folder."""
    name_argument(parser)
    parser.add_argument(
        "--into",
        type=Path,
        metavar="FOLDER",
        help="a new folder, or one from an earlier eject (default: NAME-service)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the plain project and describe it."""
    done = eject_project(args.project, workspace_of(args), args.into)
    lines = [f"ejected  version {done.version} as {len(done.code)} files, and its data, into {done.folder}"]
    if not done.same_model:
        lines.append("The version serves an optimised form; this is the model as it was packaged.")
    if done.left_out:
        lines.append(f"drift.py does not look at: {', '.join(done.left_out)}")
    lines.append("README.md there says how to run it.")
    value = {"version": done.version, "folder": str(done.folder), "code": done.code, "data": done.data}
    show(args, {**value, "same_model": done.same_model, "left_out": done.left_out}, *lines)
    return 0
