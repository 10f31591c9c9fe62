"""`GET /api/v1`: what answers here, and whether the caller may change it."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest


def about(request: SteerRequest) -> dict[str, object]:
    """The workspace by the name of its folder, omloop's version, and who asks."""
    name = Path(request.workspace.settings.workspace).expanduser().resolve().name
    return {
        "workspace": name,
        "version": version("omloop"),
        "writable": not request.why_not,
        "why_not": request.why_not,
        "by": request.by,
    }
