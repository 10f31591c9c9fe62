"""What commands over one project's memories share: its name, and where things are kept."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omloop.loop import Workspace
    from omloop.register import Registry


def name_argument(parser: argparse.ArgumentParser) -> None:
    """Add NAME."""
    parser.add_argument("name", metavar="NAME", help="a project's name")


def workspace_of(args: argparse.Namespace, **more: Any) -> Workspace:
    """The workspace that the common options, and `more` settings, name."""
    from omloop.loop import Workspace

    return Workspace.of(workspace=args.workspace, projects=args.projects, **more)


def registry_of(args: argparse.Namespace) -> Registry:
    """The versions of the named project; raises UnknownNameError for a name that nobody knows."""
    from omloop.loop.project.discover import require_known

    workspace = workspace_of(args)
    require_known(args.name, workspace)
    return workspace.registry(args.name)


def user() -> str:
    """Who is asking, for the history; a container's user may have no name.

    >>> bool(user())
    True
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody without a name"
