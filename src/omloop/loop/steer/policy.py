"""The policy of a watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from omloop.core import command_line
from omloop.loop.project.discover import project_folder
from omloop.loop.watch.policy import NAME, Policy, read_policy

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest


def get_policy(request: SteerRequest) -> dict[str, object]:
    """The policy of the project, each value beside the default, and whether it is the project's own."""
    folder = project_folder(request.project, request.workspace.settings)
    own = folder / NAME if folder else None
    is_own = own is not None and own.is_file()
    found: dict[str, Any] = msgspec.to_builtins(read_policy(own) if own is not None and is_own else Policy())
    return {
        "policy": found,
        "defaults": msgspec.to_builtins(Policy()),
        "source": NAME if is_own else "the defaults",
        "command": command_line("omloop", "watch", request.project),
    }
