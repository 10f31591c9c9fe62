"""The memory of runs as folders: one a run, readable with any editor."""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from omloop.core import saying, write_whole


class FileRun:
    """One run's folder: config.yaml, environment.json, metrics.jsonl, what was kept, and run.json with its status."""

    def __init__(self, folder: Path, project: str) -> None:
        self.folder = folder
        self._started = time.time()
        self._about = {"project": project, "run": folder.name, "started": self._started}
        with saying("write", folder):
            folder.mkdir(parents=True)
            self._metrics = (folder / "metrics.jsonl").open("a", encoding="utf-8", buffering=1)
        self._write({"status": "running"})

    @property
    def name(self) -> str:
        """The folder's name, which sorts by time."""
        return self.folder.name

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Append one line to metrics.jsonl."""
        line = json.dumps({"step": step, "time": round(time.time(), 3), **{k: float(v) for k, v in metrics.items()}})
        with saying("write", self.folder / "metrics.jsonl"):
            self._metrics.write(line + "\n")

    def keep(self, name: str, content: bytes) -> None:
        """Write one file, such as `plots/loss.png`, into the folder."""
        write_whole(self.folder / name, content)

    def finish(self, status: str, summary: Mapping[str, Any]) -> None:
        """Close the run with its status and what it came to."""
        self._metrics.close()
        self._write({"status": status, "seconds": round(time.time() - self._started, 3), **summary})

    def _write(self, more: Mapping[str, Any]) -> None:
        write_whole(self.folder / "run.json", json.dumps({**self._about, **more}, indent=2).encode())


class FileTracker:
    """Runs under `root/<project>/<run>/`. A run that was killed says `running` for ever, and harms nobody."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def start(self, project: str, config: str, facts: Mapping[str, Any]) -> FileRun:
        """Make the run's folder with its configuration and environment."""
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
        run = FileRun(self.root / project / name, project)
        run.keep("config.yaml", config.encode())
        run.keep("environment.json", json.dumps(facts, indent=2).encode())
        return run

    def list(self, project: str) -> Iterable[Mapping[str, Any]]:
        """Every run's run.json, newest first."""
        paths = sorted((self.root / project).glob("*/run.json"), reverse=True)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]
