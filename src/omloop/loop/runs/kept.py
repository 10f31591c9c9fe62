"""Runs with the files that they keep."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError, Tracker
from omloop.loop.runs.runs import find_run, runs_of, short_names

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace
    from omloop.track import RunRecord

MOST_RUNS = 12
FACTS, PATCH = "environment.json", "diff.patch"


@dataclass(frozen=True)
class KeptRun:
    """One run with the files that it keeps."""

    record: RunRecord
    label: str
    project: str
    tracker: Tracker

    @cached_property
    def files(self) -> Sequence[str]:
        """Their names."""
        return self.tracker.files(self.project, self.record.name)

    def read(self, name: str) -> bytes | None:
        """One of them; None where an older omloop did not keep it."""
        return self.tracker.read(self.project, self.record.name, name) if name in self.files else None

    def text(self, name: str) -> str:
        """One of them as a text; empty where it is not there."""
        return (self.read(name) or b"").decode("utf-8", "replace")

    def lines(self, name: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of JSON lines; it skips an incomplete line."""
        for line in self.text(name).splitlines():
            found = _json(line)
            if found:
                yield found

    @cached_property
    def facts(self) -> dict[str, object]:
        """What environment.json says."""
        return _json(self.text(FACTS))


def kept_runs(name: str, given: Sequence[str], workspace: Workspace) -> list[KeptRun]:
    """Runs of the project called `name`, each given by its name or a part that no other run shares.

    Raises UnknownNameError for an unknown run, and OmloopError for the same run twice, for one alone, or for too many.
    """
    runs = runs_of(name, workspace)
    records = [find_run(runs, one, name) for one in given]
    require_several([record.name for record in records], name)
    labels, tracker = short_names(runs), workspace.tracker()
    return [KeptRun(record, labels[record.name], name, tracker) for record in records]


def require_several(names: Sequence[str], project: str) -> None:
    """Raise OmloopError unless these are 2 to `MOST_RUNS` different runs."""
    if not 2 <= len(set(names)) == len(names) <= MOST_RUNS:
        raise OmloopError(f"Name 2 to {MOST_RUNS} different runs to compare. See: omloop runs {project}")


def _json(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
