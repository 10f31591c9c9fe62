"""Projects: the overview of all, and what is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.loop.steer.known import known_projects

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask


def list_projects(ask: Ask) -> dict[str, object]:
    """A row for every project that has a folder or versions."""
    return {"projects": [_row(name, ask) for name in known_projects(ask.workspace)]}


def _row(name: str, ask: Ask) -> dict[str, object]:
    return {"name": name, "champion": ask.workspace.registry(name).champion()}
