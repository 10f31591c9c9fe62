"""What a watch told last of a project: one small object beside its versions, which every watch and server reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from omloop.core import StoreError

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

NAME = "drift.json"


def keep_look(project: str, workspace: Workspace, told: Mapping[str, object]) -> None:
    """Keep what a look told, in place of the one before; raises StoreError."""
    workspace.looks.replace(f"{project}/{NAME}", orjson.dumps(told))


def newest_look(project: str, workspace: Workspace) -> dict[str, Any] | None:
    """What the newest look told, None where none has; raises StoreError where that cannot be read."""
    memory = workspace.looks
    if NAME not in memory.list(project):
        return None
    try:
        told = orjson.loads(memory.read(f"{project}/{NAME}"))
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{project}/{NAME} is damaged: {error}. The next look of a watch writes it anew.") from error
    if not isinstance(told, dict):
        raise StoreError(f"{project}/{NAME} is no JSON object. The next look of a watch writes it anew.")
    return told
