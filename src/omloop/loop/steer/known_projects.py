"""Which projects a workspace knows: by their folders, their versions, or their runs. It runs no project's code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omloop.core import UnknownNameError
from omloop.loop.project.discover import project_names
from omloop.register import projects

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest
    from omloop.loop.workspace import Workspace

MOST = 10_000
"""How many names to keep in memory."""
_NAME = re.compile(r"[\w][\w .@+-]{0,127}")


def known_projects(workspace: Workspace) -> list[str]:
    """The names of all that have a folder or versions, sorted."""
    return sorted({*projects(workspace.store()), *project_names(workspace.settings)})


def require_project(request: SteerRequest) -> None:
    """Raise UnknownNameError if the path names no project, and nothing with runs either.

    It looks for a known name only once.
    """
    request.caches.once("known", request.project, lambda: _look_for(request.project, request.workspace), most=MOST)


def _look_for(name: str, workspace: Workspace) -> None:
    known = known_projects(workspace)
    if name in known or (_NAME.fullmatch(name) and any(True for _ in workspace.tracker().list(name))):
        return
    raise UnknownNameError("project", name[:80], known, next_step="Make one with: omloop new NAME --from DATA")
