"""`omloop projects`."""

import argparse
from typing import Any

from omloop.cli.named import workspace_of
from omloop.cli.show import show, table
from omloop.loop import find_project, project_names

EXAMPLE = "omloop projects"


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(args: argparse.Namespace) -> int:
    """List every project with its champion."""
    workspace = workspace_of(args)
    found: list[dict[str, Any]] = []
    for name in project_names(workspace.settings):
        project = find_project(name, workspace.settings)
        champion = workspace.registry(project.name).champion()
        found.append({"name": name, "summary": project.summary, "models": list(project.models), "champion": champion})
    rows = [[p["name"], p["summary"], ", ".join(p["models"]), p["champion"] or "none yet"] for p in found]
    nothing = (
        f"No project in '{workspace.settings.projects}'. Make one: omloop new NAME --from FILE --target COLUMN. "
        "Or run from the folder that holds projects/; examples to try: omloop examples."
    )
    show(args, found, table(["project", "what", "models", "champion"], rows) if rows else nothing)
    return 0
