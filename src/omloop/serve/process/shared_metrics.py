"""Metrics of several workers: each writes its counts to a file, and the one that answers adds them all up.

See docs/decisions/0019-workers-share-a-socket.md.
"""

import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from omloop.serve.metrics import Gauge, Metrics, Samples, started_at
from omloop.serve.process.worker_part import WorkerPart
from omloop.serve.version.champion import Champion

SHARE_S = 1.0
"""Scrapers ask every 5 to 60 seconds: an age of a second makes no difference to a rate."""
_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class WorkerMetrics:
    """What one worker had counted when it last wrote it down; `current` are gauges, which end with their worker."""

    worker: str
    process: int
    counted: Mapping[str, Samples]
    current: Mapping[str, Samples]


class SharedMetrics(Metrics):
    """The counts of one worker of several; its exposition is that of all workers, even dead ones.

    A worker writes its counts before it reports them, so that no counter ever goes back, whoever answers next.
    """

    def __init__(self, part: WorkerPart) -> None:
        super().__init__(started_at(os.getppid()))
        self._part = part
        self._folder = Path(part.folder)
        self._writing = threading.Lock()
        self._written = b""
        self._failed = False

    def text(self, champion: Champion) -> str:
        """The exposition of the whole server; the other workers are as they were a second ago at most."""
        self.share(champion)
        others: dict[str, list[Samples]] = defaultdict(list)
        workers = {str(self._part.number): os.getpid()}
        living = _living(self._part)
        for serial, snapshot in self._others():
            alive = serial in living
            if alive:
                workers[snapshot.worker] = snapshot.process
            for name, samples in {**snapshot.counted, **(snapshot.current if alive else {})}.items():
                others[name].append(samples)
        return self.exposition(champion, others, dict(sorted(workers.items())))

    def share(self, champion: Champion) -> None:
        """Write down what this worker counted, for the others; blocks, and never raises."""
        try:
            with self._writing:
                content = self._snapshot(champion)
                if content != self._written:
                    _replace(self._folder / f"{self._part.serial}.json", content)
                    self._written = content
                self._failed = False
        except OSError as error:
            level = logging.DEBUG if self._failed else logging.ERROR  # it would be the same line every second
            _log.log(level, "worker %d cannot tell the others what it counted: %s", self._part.number, error)
            self._failed = True

    def _snapshot(self, champion: Champion) -> bytes:
        counted: dict[str, list[object]] = {}
        current: dict[str, list[object]] = {}
        for family in self.families(champion):
            kept = current if isinstance(family, Gauge) else counted
            kept[family.name] = list(family.samples().items())
        return orjson.dumps(
            {"worker": str(self._part.number), "process": os.getpid(), "counted": counted, "current": current}
        )

    def _others(self) -> Iterator[tuple[int, WorkerMetrics]]:
        for path in sorted(self._folder.glob("*.json")):
            serial = int(path.stem)
            if serial != self._part.serial:
                yield serial, _read(path.read_bytes())


def _living(part: WorkerPart) -> set[int]:
    try:
        return set(orjson.loads(part.living.read_bytes()))
    except FileNotFoundError:
        return set()


def _read(content: bytes) -> WorkerMetrics:
    found = orjson.loads(content)
    return WorkerMetrics(found["worker"], found["process"], _families(found["counted"]), _families(found["current"]))


def _families(families: Mapping[str, Any]) -> dict[str, Samples]:
    return {name: {tuple(values): numbers for values, numbers in samples} for name, samples in families.items()}


def _replace(path: Path, content: bytes) -> None:
    """In one step, so that nobody reads half of it; it need not survive a power cut."""
    staged = path.with_suffix(".part")
    staged.write_bytes(content)
    staged.replace(path)
