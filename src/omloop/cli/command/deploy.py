"""`omloop deploy`."""

import argparse
from pathlib import Path

from omloop.cli.cloud import CLOUD, run_on_cloud
from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress, show
from omloop.core import UnknownNameError
from omloop.deploy import TARGETS
from omloop.loop.deploy.files import deploy_files

EXAMPLE = "omloop deploy docker student_performance"
DIFFERS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """TARGET and NAME, and where the repository is."""
    targets = f"write files for {', '.join(TARGETS.names())}; or on Google Cloud: {', '.join(CLOUD)}"
    parser.add_argument("target", metavar="TARGET", help=targets)
    name_argument(parser, resolve=False)  # no memory is asked, which may be a bucket that cannot be reached from here
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="the repository (default: this folder)"
    )
    parser.add_argument("--update", action="store_true", help="lock the packages of images again, as installed here")
    parser.add_argument("--yes", action="store_true", help="apply, down: do not ask for confirmation")
    parser.add_argument("--verify", action="store_true", help="down: look again, and list what remains")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check",
        dest="mode",
        action="store_const",
        const="check",
        default="write",
        help="write nothing; exit with 3 if a file (with plan: the cloud) is out of date",
    )
    mode.add_argument(
        "--force", dest="mode", action="store_const", const="force", help="overwrite files changed by hand too"
    )


def run(args: argparse.Namespace) -> int:
    """Write the files, and say what became of each; or go to the cloud with them."""
    if args.target in CLOUD:
        return run_on_cloud(args)
    if args.target not in TARGETS.names():
        raise UnknownNameError("target", args.target, [*TARGETS.names(), *CLOUD])
    done = deploy_files(
        args.target,
        args.name,
        workspace_of(args),
        args.root,
        mode=args.mode,
        update=args.update,
        tell=progress(args),
    )
    changed = [one for one in done if one.state != "same"]
    lines = [f"{one.state:<16} {one.path}" for one in changed]
    if any(one.state == "changed by hand" for one in changed):
        lines.append("What was changed by hand stays. To overwrite it: --force")
    if not changed:
        lines.append(f"All {len(done)} files are up to date.")
    show(args, [{"path": one.path, "state": one.state} for one in done], *lines)
    return DIFFERS if args.mode == "check" and any(one.state != "changed by hand" for one in changed) else 0
