"""The source `file`: what already lies on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omloop.core import Columns, Origin, Project, Settings
from omloop.data.sources.source import Data, read_records


@dataclass
class File(Data):
    """The file or folder at `path`, relative to the current folder."""

    source: str = "file"
    path: str = "???"

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Read the file as the project reads it."""
        return read_records(project, Path(self.path).expanduser())

    @property
    def origin(self) -> Origin:
        """The whole path: many files have the name data.csv."""
        return Origin(self.source, str(Path(self.path).expanduser().resolve()))

    def __str__(self) -> str:
        return f"file {Path(self.path).name}"
