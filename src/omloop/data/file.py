"""The source `file`: what already lies on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omloop.core import Columns, Project, Settings
from omloop.data.source import Data, read_records


@dataclass
class File(Data):
    """The file or folder at `path`, relative to the current folder."""

    source: str = "file"
    path: str = "???"

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Read the file as the project reads it."""
        return read_records(project, Path(self.path).expanduser())

    def __str__(self) -> str:
        return f"file {Path(self.path).name}"
