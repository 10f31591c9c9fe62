"""A team's repository round a project: all that stands beside it, and its delivery."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import OmloopError
from omloop.deploy import GeneratedFile, write_files
from omloop.deploy.repository import repository_files
from omloop.loop.deploy.files import deploy_files
from omloop.loop.deploy.service import service_of
from omloop.loop.project.discover import find_project

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

DELIVERED = ("github", "docker")
"""Targets that a repository begins with."""


@dataclass(frozen=True)
class MadeRepository:
    """A new repository: what became of each file beside the project, and the targets without files yet.

    `missing` gives the reason for each target whose files omloop could not write.
    """

    files: Sequence[GeneratedFile]
    missing: Mapping[str, str]


def init_repository(
    given: str, workspace: Workspace, root: Path, *, tell: Callable[[str], None] = lambda _: None
) -> MadeRepository:
    """Write what a team's repository has beside a project that lies in it, at `root`. Files that are there stay.

    Raises OmloopError for a project outside of the repository, and what finding it raises.
    """
    project, service = find_project(given, workspace.settings), service_of(given, workspace, root)
    tell("init: the repository")
    texts = repository_files(service, baseline=project.baseline, version=importlib.metadata.version("omloop"))
    files, missing = list(write_files("repository", texts, root)), {}
    for target in DELIVERED:
        try:
            files += deploy_files(target, given, workspace, root, tell=tell)
        except OmloopError as error:
            missing[target] = str(error)
    return MadeRepository(files, missing)
