"""Versions of a project's configured data: where it lies, who keeps it, and its earlier states."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import SourceError, explain_missing

if TYPE_CHECKING:
    from omloop.data.dvc import DataRepository
    from omloop.loop.project.plan import Plan


def data_path(plan: Plan) -> Path:
    """The file or folder that the project's records come from; raises SourceError for a source that has none."""
    path = getattr(plan.config.data, "path", "")
    if plan.config.data.source != "file" or not path:
        raise SourceError(
            f"The source '{plan.config.data.source}' of {plan.project.name} is no file of yours. Name one: a path "
            "behind the project, or data=file data.path=PATH."
        )
    return Path(path).expanduser()


def data_repository(path: Path, *, begin: bool = False) -> DataRepository:
    """Who keeps the data at a path; with `begin`, begun where nobody does. Raises SourceError."""
    with explain_missing("Versions of data"):
        from omloop.data.dvc import DataRepository

    return DataRepository.begun(path) if begin else DataRepository.of(path)


@contextmanager
def earlier_data(path: Path, revision: str) -> Iterator[Path]:
    """A copy of the data as it was at a revision of git, for as long as the context lasts; raises SourceError."""
    with tempfile.TemporaryDirectory(prefix="omloop-data-") as folder:
        yield data_repository(path).at_revision(path, revision, Path(folder))
