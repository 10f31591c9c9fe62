"""The arguments that commands over a project's data and models share."""

import argparse
from dataclasses import dataclass

from omloop.cli.named import workspace_of
from omloop.core import ConfigError, Project
from omloop.loop import Workspace, find_project
from omloop.loop.project.configure import Configuration, configure


@dataclass(frozen=True)
class Asked:
    """What a user asked for: a project, its composed configuration, and where things are kept."""

    project: Project
    config: Configuration
    workspace: Workspace


def project_arguments(parser: argparse.ArgumentParser) -> None:
    """Add NAME and the configuration overrides."""
    parser.add_argument("name", metavar="NAME", help="a project's name, or a path to its folder")
    parser.add_argument(
        "overrides", metavar="KEY=VALUE", nargs="*", help="configuration, such as model=mlp model.lr=1e-3 data=file"
    )


def asked(args: argparse.Namespace) -> Asked:
    """Find the project and compose its configuration."""
    workspace = workspace_of(args)
    for word in args.overrides:
        if "=" not in word and not word.startswith("~"):
            raise ConfigError(f"'{word}' is not of the form KEY=VALUE, such as model=linear.")
    project = find_project(args.name, workspace.settings)
    return Asked(project, configure(project, args.overrides), workspace)
