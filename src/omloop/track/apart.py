"""A mirror in a process of its own: what its library takes, imports and hangs in is nothing to the training."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omloop.core import (
    Annotation,
    LoggedStep,
    MirroredVersion,
    OmloopError,
    VersionLine,
)
from omloop.track.frames import read_frame, send_frame

KILLED_S = 5.0
"""How long a killed process may take to be gone."""
SOURCE = Path(__file__).parents[2]
LOG = logging.getLogger("omloop.track")


class ApartMirror:
    """The mirror that a setting such as `mlflow:http://127.0.0.1:5000` names, in a process that the first call starts.

    Its files on this machine lie in `folder`. One thread may call at a time; `kill` ends a call that another thread
    waits for.
    """

    def __init__(self, setting: str, folder: Path) -> None:
        self._setting, self._folder = setting, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, project: str, run: str, config: str, facts: Mapping[str, object]) -> ApartRun:
        """Begin a run there."""
        self.call("start", project, run, config, facts)
        return ApartRun(self, run)

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change tags and note of a run that ended."""
        self.call("annotate", project, run, asdict(change))

    def register(self, line: VersionLine) -> None:
        """Tell of versions; the other process asks for the files of those that it lacks."""
        self.call("register", line.project, list(line.versions), line.champion, read=line.read)

    def call(self, *words: object, read: Callable[[str], MirroredVersion] | None = None) -> None:
        """Have a verb done there; raises ConnectionError where the mirror is out of reach."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None  # noqa: S101  they are pipes
        try:
            send_frame(process.stdin, *words)
            answer, told = read_frame(process.stdout)
            while answer == "read" and read is not None:
                send_frame(process.stdin, *_version(read, told))
                answer, told = read_frame(process.stdout)
        except (OSError, EOFError) as error:
            self.kill()
            raise OmloopError("its process ended; --log-level debug shows what it says") from error
        if answer == "away":
            raise ConnectionError(told)
        if answer == "refused":
            raise OmloopError(told)

    def kill(self) -> None:
        """End the process, whatever it does; the next call starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(KILLED_S)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            path = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH", "")]))
            shown = None if LOG.isEnabledFor(logging.DEBUG) else subprocess.DEVNULL
            # -P: no file of the folder that we are in stands for a library. A session of its own: Ctrl-C is ours.
            words = [sys.executable, "-P", "-m", "omloop.track.mirror_process", self._setting, str(self._folder)]
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=shown,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
        return self._process


class ApartRun:
    """One run of a mirror in another process."""

    def __init__(self, mirror: ApartMirror, name: str) -> None:
        self._mirror, self._name = mirror, name

    def log(self, steps: Sequence[LoggedStep]) -> None:
        """Send numbers."""
        self._mirror.call("run.log", self._name, [tuple(one) for one in steps])

    def keep(self, name: str, content: bytes) -> None:
        """Send a file."""
        self._mirror.call("run.keep", self._name, name, content)

    def annotate(self, change: Annotation) -> None:
        """Change tags and note."""
        self._mirror.call("run.annotate", self._name, asdict(change))

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Close the run."""
        self._mirror.call("run.finish", self._name, status, summary)


def _version(read: Callable[[str], MirroredVersion], version: str) -> tuple[Any, ...]:
    """The parts of a version to send; none if it is unreadable."""
    with contextlib.suppress(OmloopError):
        one = read(version)
        return (one.version, one.run, one.model, one.metrics, one.files)
    return ()
