"""Alerts as lines of JSON at the end of a file."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from omloop.alert.alert import Alert, as_json
from omloop.alert.section import Section
from omloop.core import StoreError, as_store_error


@dataclass(frozen=True)
class FileSink:
    """Appends each alert to `path` as one line, which is on the disk when `send` returns, or not there at all."""

    path: Path

    def send(self, alert: Alert) -> None:
        """Append it; raises StoreError if the disk is full or writing fails."""
        line = json.dumps(as_json(alert), ensure_ascii=False).encode() + b"\n"
        with as_store_error("write", self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab", buffering=0) as file:
                before = file.tell()
                try:
                    if file.write(line) != len(line):
                        raise StoreError(f"{self.path} takes no more: the disk is full. Free some space.")
                    _sync(file.fileno())
                except (OSError, StoreError):
                    with contextlib.suppress(OSError):
                        file.truncate(before)
                    raise


def file_sink(section: Section, home: Path) -> FileSink:
    """The sink that a section describes; without a `path` it is `alerts.jsonl` beside the state."""
    section.only("path")
    return FileSink(Path(section.text("path") or home / "alerts.jsonl").expanduser())


def _sync(descriptor: int) -> None:
    with contextlib.suppress(OSError):  # a pipe or a device has nothing to sync
        os.fsync(descriptor)
