"""The workspace says where: the memories of runs, versions and predictions of one machine or one bucket.

A server opens no runs, so omloop imports the trackers with the first run.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.bundle import MANIFEST
from omloop.core import (
    Blobs,
    Bucket,
    MirroredVersion,
    OmloopError,
    Predictions,
    SettingError,
    Settings,
    Tracker,
    VersionLine,
    as_store_error,
    split_address,
    without_secrets,
)
from omloop.loop.settings import SETTINGS
from omloop.monitor import PREDICTIONS
from omloop.monitor.log.settings import LogSettings
from omloop.register import BUCKETS, STORES, FileBlobs, Registry
from omloop.serve.settings import ServeSettings

if TYPE_CHECKING:
    from omloop.track import Outbox

LOG = logging.getLogger("omloop.track")


@dataclass(frozen=True)
class Workspace:
    """All that omloop keeps, under one folder: `runs/`, `versions/`, `predictions/`, `watch/`, `alerts/` and more.

    `clock` gives seconds since 1970.
    """

    settings: Settings
    clock: Callable[[], float] = time.time

    @classmethod
    def of(cls, **given: Any) -> Workspace:
        """The workspace that the settings name; `given` overrides them."""
        return cls(SETTINGS.load(given))

    @property
    def root(self) -> Path:
        """The workspace's folder."""
        return Path(self.settings.workspace).expanduser()

    @property
    def downloads(self) -> Path:
        """The folder of fetched data."""
        return self.root / "downloads"

    @property
    def cache(self) -> Path:
        """The folder of results that later trainings need not make again; you may empty it at any time."""
        return self.root / "cache"

    def alerts(self, project: str) -> Path:
        """The folder that says which alerts of a project ring, and who still has to hear of them."""
        return self.root / "alerts" / project

    def pages(self, project: str) -> Path:
        """The folder of pages about the measurements of a project."""
        return self.root / "pages" / project

    def watch(self, project: str) -> Path:
        """Where a watch keeps what it counted of a project's live predictions."""
        return self.root / "watch" / project

    @contextlib.contextmanager
    def apart(self, purpose: str) -> Iterator[Workspace]:
        """An empty workspace of plain files inside this one, `.PURPOSE-…`, which disappears with the context.

        Trials there must not fill the real memories. It lies in this one, so that work there costs the same as here.
        Raises StoreError where omloop cannot make the folder.
        """
        with as_store_error("write", self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            folder = tempfile.TemporaryDirectory(prefix=f".{purpose}-", dir=self.root, ignore_cleanup_errors=True)
        with folder as root:
            yield self.at(root)

    def at(self, folder: str) -> Workspace:
        """A workspace in a folder of its own, all of whose memories are files there, wherever ours are.

        Its servers ask for no key, bound no rate and make no traces: they are for tests of our own.
        """
        serve = replace(self.settings.of(ServeSettings), keys="none", requests_per_minute=0, traces="")
        settings = replace(self.settings, workspace=folder, track="files", store="files", predictions="files")
        return Workspace(settings.having(serve))

    def tracker(self) -> Tracker:
        """The memory of runs, whose runs go to mirrors too where the setting `track` names some."""
        from omloop.track import TRACKERS, MirroredTracker, split_setting

        memory, _ = split_setting(self.settings.track)
        tracker: Tracker = TRACKERS.open(memory, self.root / "runs", **self._bucket(memory))
        return MirroredTracker(tracker, self._outboxes) if self._outboxes else tracker

    def _bucket(self, setting: str) -> dict[str, Bucket]:
        """The bucket that a memory lies in, as its adapter takes it; nothing for a memory that lies elsewhere."""
        name, _ = split_address(setting)
        return {"bucket": STORES.open(setting, self.cache / "store")} if name in BUCKETS else {}

    def shared_cache(self) -> Bucket | None:
        """The bucket in which machines share results that trainings need not make again; None without the setting.

        Raises SettingError for an address that is not that of a bucket.
        """
        address = self.settings.shared_cache
        if not address:
            return None
        if found := self._bucket(address):
            return found["bucket"]
        told = f"'shared_cache' is {without_secrets(address)}, and takes a bucket alone, such as gs://my-bucket/cache."
        raise SettingError(told, key="shared_cache")

    @cached_property
    def _outboxes(self) -> tuple[Outbox, ...]:
        from omloop.track import open_outboxes, split_setting

        _, mirrors = split_setting(self.settings.track)
        return open_outboxes(mirrors, self.root)

    def store(self) -> Blobs:
        """The store of versions, opened anew; for one in a bucket, the cache keeps what it has read."""
        name, _ = split_address(self.settings.store)
        folder = self.cache / "store" if name in BUCKETS else self.root / "versions"
        blobs: Blobs = STORES.open(self.settings.store, folder)
        return blobs

    @cached_property
    def beside(self) -> Any:
        """The place of small objects that change: the store, or a folder here if another maker's store can only add."""
        store: Any = self.store()
        return store if hasattr(store, "replace") else FileBlobs(self.root / "watch")

    @property
    def is_shared(self) -> bool:
        """Whether versions lie in a bucket, so that other machines may watch in turn."""
        return split_address(self.settings.store)[0] in BUCKETS

    def registry(self, project: str) -> Registry:
        """The memory of a project's versions: the same object each time, which reads each event once."""
        if project not in self._registries:
            blobs = self.store()
            changed = partial(self.mirror_versions, project)
            self._registries[project] = Registry(blobs, project, clock=self.clock, changed=changed)
        return self._registries[project]

    def mirror_versions(self, project: str) -> None:
        """Tell mirrors of a project's versions and of the champion among them; what is amiss with it stops nothing."""
        try:
            for outbox in self._outboxes:
                outbox.tell(lambda mirror: mirror.register(self._line(project)), "versions and champion")
        except OmloopError as error:
            LOG.warning("mirrors were not told of the versions of %s: %s", project, error)

    def _line(self, project: str) -> VersionLine:
        """A project's versions as mirrors take them, read by a registry of its own: another thread asks for it."""
        registry = Registry(self.store(), project)

        def read(version: str) -> MirroredVersion:
            bundle = registry.load(version)
            made, served = bundle.manifest.lineage, bundle.manifest.variants[bundle.manifest.served]
            metrics = {name: one.value for name, one in served.metrics.items()}
            files = {**bundle.files, MANIFEST: bundle.manifest_bytes}
            return MirroredVersion(version, made.run, made.model, metrics, files)

        return VersionLine(project, registry.versions(), registry.champion(), read)

    @cached_property
    def _registries(self) -> dict[str, Registry]:
        return {}

    def predictions(self, project: str) -> Predictions:
        """The memory of a project's predictions and labels; close it after use."""
        predictions: Predictions = PREDICTIONS.open(
            self.settings.predictions,
            self.root / "predictions" / project,
            keeping=self.settings.of(LogSettings).keeping(),
            **self._bucket(self.settings.predictions),
        )
        return predictions
