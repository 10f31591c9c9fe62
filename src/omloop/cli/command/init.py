"""`omloop init`."""

import argparse
from pathlib import Path

from omloop.cli.command import new
from omloop.cli.named import workspace_of
from omloop.cli.show import progress, show
from omloop.loop.deploy.init import init_repository

EXAMPLE = "omloop init rides --from rides.csv --target minutes"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `omloop new` takes, and where the repository is."""
    new.arguments(parser)
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="DIR", help="the repository (default: this folder)"
    )


def run(args: argparse.Namespace) -> int:
    """Make the project, unless one of that name exists, and the repository around it."""
    args.projects = args.projects or str(args.root / "projects")
    folder = Path(args.projects) / args.name
    project, *told = (None,) if folder.exists() else new.make(args)
    made = init_repository(str(folder), workspace_of(args), args.root, tell=progress(args))
    stayed = [one.path for one in made.files if one.state == "changed by hand"]
    lines = [f"made {sum(one.state == 'new' for one in made.files)} files in {args.root.resolve()}; see README.md"]
    lines += [f"was there, and stays: {path}" for path in stayed]
    lines += [f"not yet: omloop deploy {target} {args.name} ({why})" for target, why in made.missing.items()]
    value = {"project": project, "files": {one.path: one.state for one in made.files}, "missing": dict(made.missing)}
    show(args, value, *told, *lines)
    return 0
