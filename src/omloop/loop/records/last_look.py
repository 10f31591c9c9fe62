"""What a watch told last of a project, where every server finds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from omloop.core import StoreError
from omloop.loop.records.beside import BesideVersions

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

NAME = "drift.json"


def keep_look(project: str, workspace: Workspace, told: Mapping[str, object]) -> None:
    """Keep what a look told, in place of the one before; raises StoreError."""
    BesideVersions(workspace, project, NAME).replace(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY))


def newest_look(project: str, workspace: Workspace) -> dict[str, Any] | None:
    """The report of the newest look, None where there is none; raises StoreError where it is unreadable."""
    content = BesideVersions(workspace, project, NAME).read()
    if content is None:
        return None
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise StoreError(f"{project}/{NAME} is damaged: {error}. The next look of a watch writes it anew.") from error
    if not isinstance(told, dict):
        raise StoreError(f"{project}/{NAME} is no JSON object. The next look of a watch writes it anew.")
    return told
