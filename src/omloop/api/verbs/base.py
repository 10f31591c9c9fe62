"""What the verbs of a workspace share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.loop.project.discover import find_project, project_name
from omloop.loop.project.plan import data_words

if TYPE_CHECKING:
    from omloop.core import Project
    from omloop.loop.project.plan import Plan
    from omloop.loop.workspace import Workspace as Places
    from omloop.register import Registry

Tell = Callable[[str], None]
Data = str | Path | None
Tags = Mapping[str, str] | None


class Verbs:
    """The memories of a workspace, and what every group of verbs finds by a project's name."""

    def __init__(self, places: Places, tell: Tell) -> None:
        self.places, self._tell = places, tell

    def _plan(self, project: str, overrides: Sequence[str], data: Data, *, by: str) -> Plan:
        from omloop.loop.project.plan import Plan

        return Plan.of(self._project(project), [*data_words(data), *overrides], self.places, by=by, tell=self._tell)

    def _project(self, project: str) -> Project:
        self._name(project)  # which remembers where a path leads
        return find_project(project, self.places.settings)

    def _name(self, project: str) -> str:
        return project_name(project, self.places)

    def _registry(self, project: str) -> Registry:
        return self.places.registry(self._name(project))

    def _fields(self, name: str, version: str | None) -> Sequence[str]:
        """What the version's rows hold; the champion's for None."""
        registry = self.places.registry(name)
        return registry.load(version or registry.require_champion()).kind.fields
