"""What the newest look of a watch told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from omloop.loop.records.last_look import newest_look
from omloop.loop.steer.commands import command_line
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask


def newest_drift(ask: Ask) -> Mapping[str, Any]:
    """What the newest look of a watch told."""
    told = newest_look(ask.project, ask.workspace)
    if told is None:
        look = command_line("watch", ask.project, "--once")
        raise Refusal(404, f"no watch has looked at this project yet; look with: {look}")
    return told
