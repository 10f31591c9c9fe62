"""The memory of runs in a bucket: a run is a folder here, which a thread copies there as it grows."""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from omloop.core import Annotation, Bucket, StoreError, is_there, write_whole
from omloop.track.copies import UNSENT, RunCopy
from omloop.track.files import ANNOTATION, RUN, SILENT_S, FileRun, FileTracker, annotated

EVERY_S = 10.0
"""How often what changed of a run is copied: so much of it is lost with its machine."""
FINISH_S, STOP_S = 60.0, 5.0
"""How long the end of a run waits until all of it is there, and that of one which somebody stopped."""
AT_ONCE = 16
"""Runs of other machines that are read at once."""
LOG = logging.getLogger("omloop.track")


class RemoteRun:
    """A run in its folder on this machine, and on its way to the bucket."""

    def __init__(self, run: FileRun, copy: RunCopy, missed: Iterable[RunCopy]) -> None:
        self.run, self._copy, self._missed = run, copy, list(missed)
        self._over = threading.Event()
        self._warned = False
        self._thread = threading.Thread(target=self._keep_copying, name="omloop-runs", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The run's name, here and there."""
        return self.run.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Record numbers of one step."""
        self.run.log(step, metrics)

    def keep(self, name: str, content: bytes) -> None:
        """Keep a file with the run."""
        self.run.keep(name, content)

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run, wait a while until all of it is in the bucket, and warn if a part is not there by then."""
        self.run.finish(status, summary)
        self._over.set()
        self._thread.join(STOP_S if status == "killed" else FINISH_S)
        if not self._copy.is_whole:
            self._copy.give_up()
            told = "It is whole in %s, and copied with the next run of this workspace."
            LOG.warning(
                f"the run %s is not whole in the bucket%s. {told}", self.name, self._copy.trouble, self.run.folder
            )

    def _keep_copying(self) -> None:
        self._copy_all(over=False)
        while not self._over.wait(EVERY_S):
            self._copy_all(over=False)
        for seconds in (1.0, 5.0, 15.0):
            if self._copy_all(over=True):
                return
            time.sleep(seconds)

    def _copy_all(self, *, over: bool) -> bool:
        """Copy what changed, and runs that an earlier process could not; false where the bucket is out of reach."""
        try:
            self._copy.send(over=over)
            while self._missed and not over:
                self._missed[-1].send(over=True)
                self._missed.pop()
        except StoreError as error:
            self._copy.trouble = f": {error}"
            if not self._warned:
                self._warned = True
                LOG.warning("%s The run goes on in %s, and is copied later.", error, self.run.folder)
            return False
        self._copy.trouble = ""
        return True


class RemoteTracker:
    """Runs under `<project>/<run>/` of a bucket, with the files that `FileTracker` keeps; those of this machine lie in
    a folder here too.

    It reads runs of other machines from the bucket. Such a run without a sign of life for ten minutes is `killed`. If
    copying failed, the next run that begins in the same folder copies the rest.
    """

    def __init__(self, bucket: Bucket, folder: Path) -> None:
        self._bucket, self._folder = bucket, folder
        self._here = FileTracker(folder)

    @classmethod
    def of(cls, address: str, folder: Path, *, bucket: Bucket) -> Self:
        """The runs in `bucket`; those of this machine lie in `folder` too."""
        return cls(bucket, folder)

    def start(self, project: str, config: str, facts: Mapping[str, object]) -> RemoteRun:
        """Make the run's folder here; the bucket has it a moment later.

        Raises StoreError if the first run finds its bucket unreadable; later runs wait for a bucket that is away.
        """
        if not (self._folder / UNSENT).exists():
            self._bucket.list(project)  # a wrong address or missing rights are told before there is a run
        missed = [self._copy(one.parent.name, one.name) for one in RunCopy.missed(self._folder)]
        run = self._here.start(project, config, facts)
        return RemoteRun(run, self._copy(project, run.name), missed)

    def list(self, project: str) -> Iterable[Mapping[str, object]]:
        """Every run, newest first: those of the bucket, and those of this machine that are not whole there yet."""
        keys = set(self._bucket.below(project))
        there = {key.split("/")[1] for key in keys if key.endswith(f"/{RUN}") and key.count("/") == 2}
        unsent = {one.name for one in RunCopy.unsent(self._folder) if one.parent.name == project}
        here = {str(one["run"]): one for one in self._here.list(project) if one["run"] in unsent}

        def found(run: str) -> Mapping[str, object]:
            known = f"{project}/{run}/{ANNOTATION}" in keys
            more = self._json(f"{project}/{run}/{ANNOTATION}") if known else {}
            return {**self._about(project, run), **more}

        others = sorted(there - set(here))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            read = dict(zip(others, pool.map(found, others), strict=True))
        return [one for _, one in sorted({**read, **here}.items(), reverse=True)]

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change annotation.json: in the folder here while this process copies the run, else in the bucket."""
        if self._is_here(project, run):
            self._here.annotate(project, run, change)
            if self._is_here(project, run):
                return
        self._require(project, run)
        key = f"{project}/{run}/{ANNOTATION}"
        before = self._json(key) if key in self._bucket.below(f"{project}/{run}") else {}
        self._bucket.replace(key, annotated(before, change))

    def files(self, project: str, run: str) -> Sequence[str]:
        """Every file of the run but those that say what became of it."""
        if self._is_here(project, run):
            return self._here.files(project, run)
        self._require(project, run)
        start = f"{project}/{run}/"
        names = (key.removeprefix(start) for key in self._bucket.below(f"{project}/{run}"))
        return [name for name in names if name not in (RUN, ANNOTATION)]

    def read(self, project: str, run: str, name: str) -> bytes:
        """The content of one file of a run."""
        if self._is_here(project, run):
            return self._here.read(project, run, name)
        self._require(project, run)
        return self._bucket.read(f"{project}/{run}/{name}")

    def _copy(self, project: str, run: str) -> RunCopy:
        return RunCopy(self._folder / project / run, self._bucket, f"{project}/{run}")

    def _is_here(self, project: str, run: str) -> bool:
        """Whether the run lies in the folder here, and is not whole in the bucket yet."""
        return any((one.parent.name, one.name) == (project, run) for one in RunCopy.unsent(self._folder))

    def _require(self, project: str, run: str) -> None:
        if RUN not in self._bucket.list(f"{project}/{run}"):
            raise StoreError(f"'{project}' has no run {run} in the bucket. See: omloop runs {project}")

    def _about(self, project: str, run: str) -> dict[str, Any]:
        """The content of run.json. It keeps a copy here once the run ended, since the content never changes then."""
        kept = self._folder / ".remote" / project / f"{run}.json"
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(kept.read_bytes()))
        found = {"run": run, "status": "unreadable", **self._json(f"{project}/{run}/{RUN}")}
        if found["status"] == "running" and not _is_running(found):
            found["status"] = "killed"
        elif found["status"] not in ("running", "unreadable"):
            with contextlib.suppress(StoreError):
                write_whole(kept, json.dumps(found).encode())
        return found

    def _json(self, key: str) -> dict[str, Any]:
        """The object in a file; an empty object where the file is damaged."""
        try:
            found = json.loads(self._bucket.read(key))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _is_running(found: Mapping[str, Any]) -> bool:
    """Whether an open run still goes on: by its process, or else by the time of its last sign of life."""
    process = found.get("process")
    there = is_there(process) if isinstance(process, Mapping) else None
    if there is not None:
        return there
    heard = found.get("heard", found.get("started", 0.0))
    return time.time() - (heard if isinstance(heard, int | float) else 0.0) < SILENT_S
