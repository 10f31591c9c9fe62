"""The memory of runs as folders: one a run, readable with any editor."""

import json
import logging
import os
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from weakref import WeakValueDictionary

from omloop.core import Annotation, StoreError, as_store_error, is_there, this_process, write_whole
from omloop.track.lines import LineWriter

RUN, ANNOTATION, METRICS = "run.json", "annotation.json", "metrics.jsonl"
LOG = logging.getLogger("omloop.track")
SILENT_S = 600.0
"""A run of another machine that has written nothing for so long was killed."""


class FileRun:
    """One run's folder: config.yaml, environment.json, metrics.jsonl, kept files, and run.json with its status."""

    def __init__(self, folder: Path, project: str) -> None:
        self.folder = folder
        self._started = time.time()
        self._about = {"project": project, "run": folder.name, "started": self._started, "process": this_process()}
        with as_store_error("write", folder):
            folder.mkdir(parents=True)
        self._metrics = LineWriter(folder / METRICS)
        self._write({"status": "running"})

    @property
    def name(self) -> str:
        """The folder's name, which sorts by time."""
        return self.folder.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Take one line of metrics.jsonl, which is on disk within a second."""
        line: dict[str, object] = {"step": step, "time": round(time.time(), 3)}
        for key, value in metrics.items():
            line[key] = float(value)
        self._metrics.put(line)

    def flush(self) -> None:
        """Write all numbers logged so far, now."""
        self._metrics.flush()

    def keep(self, name: str, content: bytes) -> None:
        """Write one file, such as `plots/loss.png`, into the folder."""
        write_whole(self.folder / name, content)

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run with its status and its results."""
        lost = self._metrics.close()
        if lost:
            LOG.warning("the run %s lacks %s steps: there was no room for them", self.name, f"{lost:,}")
        more = {**summary, "lost_steps": lost} if lost else summary
        self._write({"status": status, "seconds": round(time.time() - self._started, 3), **more})

    def _write(self, more: Mapping[str, object]) -> None:
        write_whole(self.folder / RUN, json.dumps({**self._about, **more}, indent=2).encode())


class FileTracker:
    """Runs under `root/<project>/<run>/`. The tags and the note of a run lie in its annotation.json."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: WeakValueDictionary[str, FileRun] = WeakValueDictionary()

    @classmethod
    def of(cls, address: str, folder: Path) -> Self:
        """The runs in the folder that an address names, such as `files:/srv/runs`, else in `folder`."""
        return cls(Path(address).expanduser() if address else folder)

    def start(self, project: str, config: str, facts: Mapping[str, object]) -> FileRun:
        """Make the run's folder with its configuration and environment."""
        run = FileRun(self.root / project / _name(time.time()), project)
        run.keep("config.yaml", config.encode())
        run.keep("environment.json", json.dumps(facts, indent=2).encode())
        self._open[run.name] = run
        return run

    def list(self, project: str) -> Iterable[Mapping[str, object]]:
        """Every run, newest first; a damaged run.json makes its run `unreadable`."""
        return [_found(path) for path in sorted((self.root / project).glob(f"*/{RUN}"), reverse=True)]

    def names(self, project: str) -> Sequence[str]:
        """The names of all runs, newest first, without looking into their folders."""
        try:
            with os.scandir(self.root / project) as found:
                return sorted((one.name for one in found if one.is_dir()), reverse=True)
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def stamp(self, project: str, run: str) -> int:
        """When the run's folder last changed: another number once the run ends or somebody annotates it."""
        try:
            return os.stat(f"{self.root}/{project}/{run}").st_mtime_ns  # noqa: PTH116 - of thousands of runs at once
        except OSError:
            return 0

    def one(self, project: str, run: str) -> Mapping[str, object] | None:
        """What `list` says of one run; None where there is none of that name."""
        path = self.root / project / run / RUN
        return _found(path) if path.is_file() else None

    def size(self, project: str, run: str, name: str) -> int:
        """The bytes of one file of a run."""
        path = self._folder(project, run) / name
        with as_store_error("read", path):
            return path.stat().st_size

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change annotation.json."""
        folder = self._folder(project, run)
        write_whole(folder / ANNOTATION, annotated(_read_json(folder / ANNOTATION), change))

    def files(self, project: str, run: str) -> Sequence[str]:
        """Every file of the folder but those that say what became of the run."""
        folder = self._folder(project, run)
        names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return sorted(name for name in names if name not in (RUN, ANNOTATION) and not name.endswith(".tmp"))

    def read(self, project: str, run: str, name: str) -> bytes:
        """The content of one file of the folder; what another process logged is up to a second late."""
        if name == METRICS and (open_run := self._open.get(run)):
            open_run.flush()
        folder = self._folder(project, run)
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StoreError(f"'{name}' does not lie in the run {run}.")
        with as_store_error("read", path):
            return path.read_bytes()

    def _folder(self, project: str, run: str) -> Path:
        folder = self.root / project / run
        if not (folder / RUN).is_file():
            raise StoreError(f"'{project}' has no run {run} in {self.root}. See: omloop runs {project}")
        return folder


def _name(now: float) -> str:
    """A name that sorts by time, to a 256th of a second, and that no other run has."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{int(now % 1 * 256):02x}{secrets.token_hex(2)}"


def annotated(before: Mapping[str, Any], change: Annotation) -> bytes:
    """The content of annotation.json after a change."""
    tags = {key: value for key, value in {**before.get("tags", {}), **change.tags}.items() if value}
    note = before.get("note", "") if change.note is None else change.note
    return json.dumps({"tags": tags, "note": note}, indent=2, ensure_ascii=False).encode("utf-8", "replace")


def _found(path: Path) -> dict[str, object]:
    """The content of one run.json and its annotation.json."""
    found = _read_json(path)
    about = {"run": path.parent.name, "status": "unreadable", **found, **_read_json(path.parent / ANNOTATION)}
    if about["status"] == "running" and not _is_running(found.get("process"), path.parent):
        about["status"] = "killed"
    return about


def _is_running(process: object, folder: Path) -> bool:
    """Whether an open run still goes on: by its process, or else by the time of its last write."""
    there = is_there(process) if isinstance(process, Mapping) else None
    if there is not None:
        return there
    newest = max((path.stat().st_mtime for path in folder.iterdir()), default=0.0)
    return time.time() - newest < SILENT_S


def _read_json(path: Path) -> dict[str, Any]:
    """The object in a file; an empty object where the file is absent or no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
