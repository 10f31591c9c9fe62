"""Once round: the order of the circuit, written as plain code."""

from omloop.loop.project.discover import find_project, project_names
from omloop.loop.workspace import Workspace

__all__ = [
    "Workspace",
    "find_project",
    "project_names",
]
