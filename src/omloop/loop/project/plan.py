"""The project, configured: made once from a name or a path, and handed from stage to stage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.core import Kind, Metric, Output, Project
from omloop.data import features_of, with_classes
from omloop.loop.project.configure import Configuration, configure
from omloop.loop.project.discover import find_project
from omloop.loop.project.scoring import metrics_of

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.workspace import Workspace
    from omloop.register import Registry

LOG = logging.getLogger("omloop.turn")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """The work, its project, and its workspace.

    `project` answers with the classes that the configuration names, `kind` reads the features that it names. `by` is
    who asked, for the history; `tell` receives each step.
    """

    project: Project
    kind: Kind
    config: Configuration
    workspace: Workspace
    by: str = "turn"
    tell: Tell = LOG.info

    @classmethod
    def of(
        cls,
        project: Project | str,
        overrides: Sequence[str],
        workspace: Workspace,
        *,
        by: str = "turn",
        tell: Tell = LOG.info,
    ) -> Plan:
        """The plan for a project, its name or a path to its folder, configured by `overrides` such as `model=mlp`.

        Raises UnknownNameError for an unknown project, and ConfigError for an override that does not fit.
        """
        found = find_project(project, workspace.settings) if isinstance(project, str) else project
        config = configure(found, overrides)
        found = with_classes(found, config.data.classes)
        return cls(found, features_of(found, config.data.features), config, workspace, by, tell)

    @property
    def registry(self) -> Registry:
        """The memory of the project's versions."""
        return self.workspace.registry(self.project.name)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metrics of the output, the main one first."""
        return self.metrics_for(self.project.outputs)

    def metrics_for(self, output: Output | None) -> tuple[Metric, ...]:
        """The same metrics where `output` decides on the answers, the project's own for None."""
        return metrics_of(self.project, self.config, output)


def data_words(data: str | Path | None) -> list[str]:
    """The overrides that take the records of a file.

    >>> data_words("it's/rows.csv")
    ['data=file', "data.path='it\\\\'s/rows.csv'"]
    """
    if data is None:
        return []
    escaped = str(data).replace("\\", "\\\\").replace("'", "\\'")
    return ["data=file", f"data.path='{escaped}'"]
