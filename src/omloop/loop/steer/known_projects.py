"""Which projects a workspace knows: by their folders, their versions, or their runs. No project's code is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omloop.core import UnknownNameError
from omloop.loop.project.discover import project_names
from omloop.register import projects

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask
    from omloop.loop.workspace import Workspace

MOST = 10_000
"""Names that are kept in memory."""
_NAME = re.compile(r"[\w][\w .@+-]{0,127}")


def known_projects(workspace: Workspace) -> list[str]:
    """The names of all that have a folder or versions, sorted."""
    return sorted({*projects(workspace.store()), *project_names(workspace.settings)})


def require_project(ask: Ask) -> None:
    """Raise UnknownNameError where the path names no project, and nothing that has runs either.

    A name that was known once is not looked for again.
    """
    ask.caches.once("known", ask.project, lambda: _look_for(ask.project, ask.workspace), most=MOST)


def _look_for(name: str, workspace: Workspace) -> None:
    known = known_projects(workspace)
    if name in known or (_NAME.fullmatch(name) and any(True for _ in workspace.tracker().list(name))):
        return
    raise UnknownNameError("project", name[:80], known, next_step="Make one with: omloop new NAME --from DATA")
