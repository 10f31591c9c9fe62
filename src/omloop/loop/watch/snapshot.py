"""One consistent state of a project, which a look decides on: its history and its bundles, each read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from omloop.register import no_champion

if TYPE_CHECKING:
    from omloop.bundle import Bundle
    from omloop.core import Event
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Snapshot:
    """The `events` of a `project` at one moment, and the bundle of the `version` in charge then.

    `load` reads and verifies a version once, however often you call it. It does not see later events. If you write an
    event based on it, the registry says whether the snapshot still holds.
    """

    project: str
    version: str
    events: tuple[Event, ...]
    load: Callable[[str], Bundle]

    @property
    def bundle(self) -> Bundle:
        """The champion's; raises BundleError when it is not whole."""
        return self.load(self.version)


def snapshot(project: str, workspace: Workspace) -> Snapshot:
    """The state of now; raises OmloopError when there is no champion."""
    registry = workspace.registry(project)
    events = registry.history()
    champion = events[-1].champion if events else None
    if champion is None:
        raise no_champion(project)
    return Snapshot(project, champion, events, cache(registry.load))
