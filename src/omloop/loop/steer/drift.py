"""What the newest look of a watch told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omloop.core import command_line
from omloop.loop.records.last_look import newest_look
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest


def newest_drift(request: SteerRequest) -> Mapping[str, Any]:
    """What the newest look of a watch told."""
    told = newest_look(request.project, request.workspace)
    if told is None:
        look = command_line("omloop", "watch", request.project, "--once")
        raise Refusal(404, f"no watch has looked at this project yet; look with: {look}")
    return told
