"""Serving a project's champion: the registry, the prediction log and the HTTP server, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import UnknownNameError
from omloop.monitor import new_id
from omloop.register import STORES, projects
from omloop.serve import Champion, create_app, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.loop.workspace import Workspace


def serve_project(name: str, workspace: Workspace, *, ready: Callable[[str], None]) -> None:
    """Serve the champion of the project called `name` until a signal ends it; `ready` is told the address.

    A server may start before the first version exists: it answers 503 until there is one. Only a name that has neither
    versions nor a project is refused.
    """
    require_known(name, workspace)
    settings = workspace.settings
    predictions = workspace.predictions(name)
    try:
        champion = Champion(workspace.registry(name), threads=settings.threads)
        app = create_app(champion, predictions, new_id=new_id)
        serve(app, host=settings.host, port=settings.port, ready=ready)
    finally:
        predictions.close()


def require_known(name: str, workspace: Workspace) -> None:
    """Raise UnknownNameError unless `name` is a project or has versions in this workspace."""
    from omloop.loop.discover import project_names

    served = projects(STORES.load(workspace.settings.store)(workspace.root / "versions"))
    known = {*served, *project_names(workspace.settings)}
    if name not in known:
        raise UnknownNameError("project", name, known, next_step="Run from the folder that holds projects/.")
