"""The source `simulated`: generated records of a known truth. Small, deterministic, able to drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.core import Columns, ConfigError, Origin, Project, Settings
from omloop.data.sources.source import Data

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Simulated(Data):
    """`rows` records made from `seed`; `drift` runs from 0 (as in training) to 1 (fully moved)."""

    source: str = "simulated"
    rows: int = 4000
    seed: int = 1
    drift: float = 0.0

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Ask the project to simulate."""
        if self.rows < 1 or not 0 <= self.drift <= 1:
            raise ConfigError(
                f"data.rows={self.rows} and data.drift={self.drift}: rows must be at least 1, drift from 0 to 1."
            )
        return project.simulate(self.rows, self.seed, self.drift)

    @property
    def origin(self) -> Origin:
        """Made-up data: the origin is the same for every seed."""
        return Origin(self.source, f"{self.rows} rows", real=False)

    def __str__(self) -> str:
        return f"simulated ({self.rows} rows, seed {self.seed}, drift {self.drift:g})"
