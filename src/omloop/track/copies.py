"""A run's folder and its copy in a bucket: changed files go there, under the same names."""

import contextlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from omloop.core import Bucket, as_store_error, is_there

RUN, METRICS = "run.json", "metrics.jsonl"
HEARD_S = 60.0
"""How often a bucket hears that a run still goes on."""
GROWN, LONGEST_S = 1.2, 300.0
"""Numbers are copied whole, so only where they grew by a fifth, or after so many seconds."""
UNSENT = ".unsent"
"""Beside the projects' folders: a file for each run that is not whole in the bucket, empty while its process copies."""


class RunCopy:
    """The copy of the run in `folder`, under `prefix` of a bucket; `trouble` is what went wrong last, in words."""

    def __init__(self, folder: Path, bucket: Bucket, prefix: str) -> None:
        self._folder, self._bucket, self._prefix = folder, bucket, prefix
        self._mark = folder.parents[1] / UNSENT / folder.parent.name / folder.name
        self._sent: dict[str, tuple[int, int]] = {}
        self._times: dict[str, float] = {}
        self.is_whole, self.trouble = False, ""
        with as_store_error("write", self._mark):
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.touch()

    @staticmethod
    def unsent(root: Path) -> Sequence[Path]:
        """The folders of runs below `root` that are not whole in the bucket."""
        return [root / one.parent.name / one.name for one in sorted((root / UNSENT).glob("*/*"))]

    @staticmethod
    def missed(root: Path) -> Sequence[Path]:
        """The unsent runs that nobody copies any more: their process gave up or ended."""
        return [one for one in RunCopy.unsent(root) if _is_left(root / UNSENT / one.relative_to(root), one / RUN)]

    def give_up(self) -> None:
        """Leave the copying to the next run that begins here."""
        with contextlib.suppress(OSError):
            self._mark.write_text("given up")

    def send(self, *, over: bool) -> None:
        """Write what changed; with `over` all of it, and then it is whole. Raises StoreError."""
        for path in sorted(self._folder.rglob("*"), key=lambda path: (path.name == RUN, path)):
            if path.is_file() and not path.name.endswith(".tmp"):
                self._send(path, path.relative_to(self._folder).as_posix(), over=over)
        if over:
            with contextlib.suppress(OSError):
                self._mark.unlink(missing_ok=True)
            self.is_whole = True

    def _send(self, path: Path, name: str, *, over: bool) -> None:
        with as_store_error("read", path):
            found = path.stat()
            known, now = (found.st_size, found.st_mtime_ns), time.monotonic()
            silent = now - self._times.get(name, -LONGEST_S)
            if name == RUN and not over:
                due = silent >= HEARD_S
            elif name == METRICS and not over:
                size, _ = self._sent.get(name, (0, 0))
                due = known[0] > size * GROWN or (known[0] > size and silent >= LONGEST_S)
            else:
                due = self._sent.get(name) != known
            if not due:
                return
            content = path.read_bytes()
        self._bucket.replace(f"{self._prefix}/{name}", _heard(content, over=over) if name == RUN else content)
        self._sent[name], self._times[name] = known, now


def _is_left(mark: Path, run: Path) -> bool:
    try:
        return bool(mark.read_text()) or is_there(json.loads(run.read_bytes())["process"]) is False
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _heard(content: bytes, *, over: bool) -> bytes:
    """The content of run.json and when the bucket hears it; a run that ended without closing is `killed`."""
    try:
        found = json.loads(content)
    except ValueError:
        return content
    if found.get("status") == "running":
        found |= {"heard": time.time()} if not over or is_there(found.get("process", {})) else {"status": "killed"}
    return json.dumps(found, indent=2).encode()
