"""The workspace says where: the memories of runs, versions and predictions of one machine or one bucket."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from omloop.core import Predictions, Settings, Tracker, as_store_error
from omloop.loop.settings import SETTINGS
from omloop.monitor import PREDICTIONS
from omloop.monitor.log.settings import LogSettings
from omloop.register import STORES, Registry
from omloop.track import TRACKERS


@dataclass(frozen=True)
class Workspace:
    """All that is kept, under one folder: `runs/`, `versions/`, `predictions/`, `watch/`, `alerts/` and more.

    `clock` gives seconds since 1970.
    """

    settings: Settings
    clock: Callable[[], float] = time.time

    @classmethod
    def of(cls, **given: Any) -> "Workspace":
        """The workspace that the settings name; `given` overrides them."""
        return cls(SETTINGS.load(given))

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return Path(self.settings.workspace).expanduser()

    @property
    def downloads(self) -> Path:
        """Where fetched data is kept."""
        return self.root / "downloads"

    @property
    def cache(self) -> Path:
        """Where trainings keep what a later one need not make again; it may be emptied at any time."""
        return self.root / "cache"

    def alerts(self, project: str) -> Path:
        """Where it is remembered which alerts of a project ring and who is still to be told."""
        return self.root / "alerts" / project

    def watch(self, project: str) -> Path:
        """Where a watch keeps what it counted of a project's live predictions."""
        return self.root / "watch" / project

    @contextlib.contextmanager
    def apart(self, purpose: str) -> "Iterator[Workspace]":
        """An empty workspace of plain files inside this one, `.PURPOSE-…`, which is thrown away with the context.

        What is tried there must not fill the real memories, and lies here so that it costs what it costs here. Raises
        StoreError where it cannot be made.
        """
        with as_store_error("write", self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(prefix=f".{purpose}-", dir=self.root, ignore_cleanup_errors=True)
        with folder as root:
            yield self.at(root)

    def at(self, folder: str) -> "Workspace":
        """A workspace in a folder of its own, all of whose memories are files there, wherever ours are."""
        return Workspace(replace(self.settings, workspace=folder, track="files", store="files", predictions="files"))

    def tracker(self) -> Tracker:
        """The memory of runs."""
        tracker: Tracker = TRACKERS.open(self.settings.track, self.root / "runs")
        return tracker

    def registry(self, project: str) -> Registry:
        """The memory of a project's versions: the same object each time, which reads each event once."""
        if project not in self._registries:
            blobs = STORES.open(self.settings.store, self.root / "versions")
            self._registries[project] = Registry(blobs, project, clock=self.clock)
        return self._registries[project]

    @cached_property
    def _registries(self) -> dict[str, Registry]:
        return {}

    def predictions(self, project: str) -> Predictions:
        """The memory of a project's predictions and labels; close it after use."""
        predictions: Predictions = PREDICTIONS.open(
            self.settings.predictions,
            self.root / "predictions" / project,
            keeping=self.settings.of(LogSettings).keeping(),
        )
        return predictions
