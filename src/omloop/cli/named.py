"""What commands over one project's memories share: its name and its workspace."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omloop.loop import Workspace
    from omloop.register import Registry


def name_argument(parser: argparse.ArgumentParser, *, resolve: bool = True, known: bool = True) -> None:
    """Add NAME. omloop finds the project before the command runs, unless the command resolves it later.

    If it need not be `known`, as with another machine's server, a name stands for itself.
    """
    parser.add_argument("name", metavar="NAME", help="a project's name, or a path to its folder")
    parser.set_defaults(resolve=resolve, known=known)


def resolve_name(args: argparse.Namespace) -> None:
    """Let `name` be the project's name, and `project` the argument itself, a name or a path.

    Raises UnknownNameError for a name that nobody knows, and OmloopError for a path without a project.
    """
    from omloop.loop.project.discover import folder_of, project_name

    args.project = args.name
    if args.known or folder_of(args.name):
        args.name = project_name(args.name, workspace_of(args))


def workspace_of(args: argparse.Namespace, **more: Any) -> Workspace:
    """The workspace that the common options, and `more` settings, name."""
    from omloop.loop import Workspace

    return Workspace.of(workspace=args.workspace, projects=args.projects, **more)


def registry_of(args: argparse.Namespace) -> Registry:
    """The versions of the named project."""
    return workspace_of(args).registry(args.name)
