"""The runs of a project for readers that ask again and again: an index in memory of the runs that ended."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omloop.track import FileTracker, MirroredTracker, RunRecord, read_record

if TYPE_CHECKING:
    from omloop.core import Tracker

MOST_KEPT = 30_000
"""Most runs in memory: some 2 KB each."""
SETTLED_NS = 2_000_000_000
"""A folder that changed so lately may change again within the same tick of the file system's clock."""
AT_ONCE, PAUSE_S = 25, 0.01
"""Runs that it reads ahead between two pauses, in which pages can load: 10,000 runs take some 5 s."""
FETCHED_S = 10.0
"""For so long, the answer of a tracker far away counts as new."""

_log = logging.getLogger("omloop.runs")


@dataclass
class _Listed:
    """What a tracker far away said of a project, and when."""

    at: float
    found: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Named:
    """The names of a project's runs, the time of the listing, and the stamp of the folder just before."""

    at: float
    stamp: int
    names: Sequence[str]


class RunIndex:
    """The runs that a `tracker` keeps. Any number of threads may ask.

    For runs in a folder here, it reads one that ended again only once its folder has changed, as by a tag. It asks
    another tracker for all runs, at most every few seconds.
    """

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        memory = tracker.memory if isinstance(tracker, MirroredTracker) else tracker
        self.files = memory if isinstance(memory, FileTracker) else None
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[int, RunRecord]] = {}
        self._listed: dict[str, _Listed] = {}
        self._named: dict[str, _Named] = {}
        self._ahead: set[str] = set()

    def names(self, project: str) -> Sequence[str]:
        """The names of a project's runs, newest first."""
        return [*self._list(project)] if self.files is None else self._names(self.files, project)

    def whole(self, project: str, names: Iterable[str]) -> list[RunRecord]:
        """The whole records of runs, as they are now; names without a run stay out."""
        if self.files is None:
            listed = self._list(project)
            return [read_record(listed[name]) for name in names if name in listed]
        found = (self.files.one(project, name) for name in names)
        return [read_record(one) for one in found if one is not None]

    def brief(self, project: str) -> list[RunRecord]:
        """All runs, newest first, without data and the scores of each model: to choose among them, or order them."""
        if self.files is None:
            return self.whole(project, self._list(project))
        found = (self._brief(self.files, project, name) for name in self._names(self.files, project))
        return [one for one in found if one is not None]

    def _names(self, files: FileTracker, project: str) -> Sequence[str]:
        """The names of the folders; listed anew when the folder around them changed, and now and then in any case."""
        stamp, kept = files.stamp(project, ""), self._named.get(project)
        if kept is not None and kept.stamp == stamp and time.monotonic() - kept.at < FETCHED_S:
            return kept.names
        names = files.names(project)
        if time.time_ns() - stamp > SETTLED_NS:
            self._named[project] = _Named(time.monotonic(), stamp, names)
        return names

    def read_ahead(self, project: str) -> None:
        """Begin to read what `brief` will tell, in a thread of its own; once for each project."""
        with self._lock:
            begun = project in self._ahead
            self._ahead.add(project)
        if self.files is not None and not begun:
            work = (self.files, project)
            threading.Thread(target=self._read_all, args=work, name="omloop-runs-ahead", daemon=True).start()

    def _read_all(self, files: FileTracker, project: str) -> None:
        for place, name in enumerate(self._names(files, project)[:MOST_KEPT]):
            if place % AT_ONCE == 0:
                time.sleep(PAUSE_S)
            try:
                self._brief(files, project, name)
            except Exception:
                _log.debug("the run %s of %s cannot be read ahead", name, project, exc_info=True)

    def _brief(self, files: FileTracker, project: str, name: str) -> RunRecord | None:
        stamp, kept = files.stamp(project, name), self._kept.get((project, name))
        if kept is not None and kept[0] == stamp:
            return kept[1]
        found = files.one(project, name)
        if found is None:
            return None
        record = read_record({**found, "models": {}, "data": {}})
        # One that did not end may end, or its process may, without a change of its folder.
        if "seconds" in found and time.time_ns() - stamp > SETTLED_NS:
            with self._lock:
                if len(self._kept) < MOST_KEPT or kept is not None:  # to put others out would put all out in turn
                    self._kept[project, name] = (stamp, record)
        return record

    def _list(self, project: str) -> Mapping[str, Mapping[str, object]]:
        with self._lock:
            listed = self._listed.get(project)
            if listed is None or time.monotonic() - listed.at > FETCHED_S:
                found = {str(one["run"]): one for one in self.tracker.list(project)}
                listed = self._listed[project] = _Listed(time.monotonic(), found)
            return listed.found
