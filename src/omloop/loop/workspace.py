"""The workspace says where: the memories of runs, versions and predictions of one machine or one bucket."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omloop.core import Predictions, Settings, Tracker, load_settings
from omloop.monitor import PREDICTIONS
from omloop.register import STORES, Registry
from omloop.track import TRACKERS


@dataclass(frozen=True)
class Workspace:
    """All that is kept, under one folder: `runs/`, `versions/`, `predictions/`, `downloads/`."""

    settings: Settings

    @classmethod
    def of(cls, **given: Any) -> "Workspace":
        """The workspace that the settings name; `given` overrides them."""
        return cls(load_settings(given))

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return Path(self.settings.workspace).expanduser()

    @property
    def downloads(self) -> Path:
        """Where fetched data is kept."""
        return self.root / "downloads"

    def tracker(self) -> Tracker:
        """The memory of runs."""
        tracker: Tracker = TRACKERS.load(self.settings.track)(self.root / "runs")
        return tracker

    def registry(self, project: str) -> Registry:
        """The memory of a project's versions."""
        return Registry(STORES.load(self.settings.store)(self.root / "versions"), project)

    def predictions(self, project: str) -> Predictions:
        """The memory of a project's predictions and labels; close it after use."""
        predictions: Predictions = PREDICTIONS.load("files")(self.root / "predictions" / project)
        return predictions
