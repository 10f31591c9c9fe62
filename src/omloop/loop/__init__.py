"""Once round: the order of the circuit, written as plain code.

A name is imported when it is first asked for: a process that starts several servers asks for settings alone.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from omloop.loop.project.discover import find_project, project_names
    from omloop.loop.workspace import Workspace

__all__ = [
    "Workspace",
    "find_project",
    "project_names",
]

_FILES = {"Workspace": "workspace", "find_project": "project.discover", "project_names": "project.discover"}


def __getattr__(name: str) -> typing.Any:
    if name in _FILES:
        return getattr(importlib.import_module(f"omloop.loop.{_FILES[name]}"), name)
    raise AttributeError(f"module 'omloop.loop' has no attribute '{name}'")
