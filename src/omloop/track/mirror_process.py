"""The process that a mirror lives in: it obeys its parent until that ends, and then closes open runs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from omloop.core import Annotation, LoggedStep, Mirror, MirroredVersion, MirrorRun, StoreError, VersionLine, first_line
from omloop.track.frames import read_frame, send_frame
from omloop.track.trackers import MIRRORS

NICE = 15
"""The training comes first where cores are few."""


class Served:
    """A mirror, and its runs by name, behind two pipes."""

    def __init__(self, mirror: Mirror, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._mirror, self._questions, self._answers = mirror, questions, answers
        self._runs: dict[str, MirrorRun] = {}

    def serve(self) -> None:
        """Answer each call until there is nobody to call, and then close the open runs as `killed`."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                verb, *words = read_frame(self._questions)
                try:
                    self._do(verb, words)
                    answer = ("done", "")
                except ConnectionError as error:
                    answer = ("away", first_line(error))
                except Exception as error:
                    answer = ("refused", first_line(error))
                send_frame(self._answers, *answer)
        for run in self._runs.values():
            with contextlib.suppress(Exception):
                run.finish("killed", {})

    def _do(self, verb: str, words: Sequence[Any]) -> None:
        if verb.startswith("run."):
            self._do_run(verb, *words)
        elif verb == "start":
            self._runs[words[1]] = self._mirror.start(*words)
        elif verb == "annotate":
            project, run, change = words
            self._mirror.annotate(project, run, Annotation(**change))
        else:
            project, versions, champion = words
            self._mirror.register(VersionLine(project, versions, champion, self._read))

    def _do_run(self, verb: str, name: str, *words: Any) -> None:
        run = self._runs[name]
        match verb:
            case "run.log":
                run.log([LoggedStep(*one) for one in words[0]])
            case "run.keep":
                run.keep(*words)
            case "run.annotate":
                run.annotate(Annotation(**words[0]))
            case _:
                run.finish(*words)
                del self._runs[name]

    def _read(self, version: str) -> MirroredVersion:
        """A version with its files, from the process that has them."""
        send_frame(self._answers, "read", version)
        found = read_frame(self._questions)
        if not found:
            raise StoreError(f"version {version} cannot be read")
        return MirroredVersion(*found)


def main(setting: str, folder: str) -> None:
    """Serve the mirror that a setting names, on the standard pipes, which its library then cannot write to."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:  # noqa: PTH123  a number is wanted
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICE)
    Served(MIRRORS.open(setting, Path(folder)), questions, answers).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
