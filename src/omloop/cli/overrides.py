"""The arguments that commands over a project's data and models share."""

import argparse

from omloop.cli.named import name_argument, workspace_of
from omloop.cli.show import progress
from omloop.core import ConfigError
from omloop.loop.project.plan import Plan


def project_arguments(parser: argparse.ArgumentParser) -> None:
    """Add NAME and the configuration overrides."""
    name_argument(parser)
    parser.add_argument(
        "overrides", metavar="KEY=VALUE", nargs="*", help="configuration, such as model=mlp model.lr=1e-3 data=file"
    )


def plan_of(args: argparse.Namespace, *, by: str = "turn") -> Plan:
    """The plan for the named project with the overrides; its progress goes to standard error."""
    workspace = workspace_of(args)
    for word in args.overrides:
        if "=" not in word and not word.startswith("~"):
            raise ConfigError(f"'{word}' is not of the form KEY=VALUE, such as model=linear.")
    return Plan.of(args.project, args.overrides, workspace, by=by, tell=progress(args))
