"""Telling the repository on GitHub of a promotion."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.cli.named import workspace_of

if TYPE_CHECKING:
    from omloop.loop.deploy.notify import Notify


def notify_argument(parser: argparse.ArgumentParser) -> None:
    """Add --notify."""
    about = "tell the GitHub repository of a promotion; its workflow tests and deploys the version"
    parser.add_argument("--notify", action="store_true", help=about)


def notify_of(args: argparse.Namespace) -> "Notify | None":
    """What tells the repository, if --notify is given; raises OmloopError if it can reach no repository."""
    if not args.notify:
        return None
    from omloop.loop.deploy.notify import notifier

    return notifier(workspace_of(args).settings, Path.cwd())
