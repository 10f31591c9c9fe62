"""`omloop examples`."""

import argparse
from typing import Any

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.loop import find_project
from omloop.loop.project.examples import examples

EXAMPLE = "omloop examples"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """List the projects that travel with omloop."""
    settings = workspace_of(args).settings
    found: list[dict[str, Any]] = []
    for name, folder in examples().items():
        project = find_project(str(folder), settings)
        kind = str(project.inputs.describe()["kind"])
        found.append({"name": name, "kind": kind, "summary": project.summary, "models": list(project.models)})
    rows = [[one["name"], one["kind"], one["summary"], ", ".join(one["models"])] for one in found]
    show(
        args,
        found,
        table(["example", "inputs", "what", "models"], rows),
        "run one: omloop turn student_performance; begin from one: omloop new NAME --like student_performance",
    )
    return 0
