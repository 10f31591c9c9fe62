"""What a version scored by group, as the run that made it kept it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from omloop.core import OmloopError
from omloop.report import SLICES

if TYPE_CHECKING:
    from omloop.loop.steer.facts import VersionFacts
    from omloop.loop.steer.request import SteerRequest

Slices = dict[str, dict[str, dict[str, dict[str, float | None]]]]
"""Grouping -> group -> metric -> estimate."""
MOST = 200


def slices_of(request: SteerRequest, facts: VersionFacts) -> Slices | None:
    """The scores by group; None if the run is gone, or an older omloop did not keep them."""

    def read() -> Slices | None:
        run = facts.manifest.lineage.run
        try:
            found = orjson.loads(request.workspace.tracker().read(request.project, run, SLICES))
        except (OmloopError, OSError, orjson.JSONDecodeError):
            return None
        return found if isinstance(found, dict) else None

    found: Slices | None = request.caches.once("slices", (request.project, facts.version), read, most=MOST)
    return found
