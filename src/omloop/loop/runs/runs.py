"""The runs of a project: found by a part of their name, chosen by tags, ordered by what they scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import OmloopError, UnknownNameError, some
from omloop.loop.project.discover import project_name
from omloop.track import RunRecord, read_record

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace


def runs_of(name: str, workspace: Workspace) -> list[RunRecord]:
    """The runs of the project called `name`, newest first; raises UnknownNameError for a name that nobody knows."""
    found = [read_record(one) for one in workspace.tracker().list(name)]
    if not found:
        project_name(name, workspace)
    return found


def find_run(runs: Sequence[RunRecord], given: str, project: str) -> RunRecord:
    """The run whose name begins with `given` or ends with `-given`.

    Raises UnknownNameError where there is none, and OmloopError where there are several.
    """
    exact = [run for run in runs if run.name == given]
    found = exact or [run for run in runs if given and (run.name.startswith(given) or run.name.endswith(f"-{given}"))]
    if len(found) > 1:
        several = some([run.name for run in found])
        raise OmloopError(f"'{given}' stands for {len(found):,} runs: {several}. Give more of the name.")
    if not found:
        names = [run.name if "-" in given else short_name(run.name) for run in runs]
        raise UnknownNameError("run", given, names, next_step=f"See: omloop runs {project}")
    return found[0]


def short_names(runs: Sequence[RunRecord]) -> dict[str, str]:
    """The end of each run's name by which `find_run` finds it, or the whole name where several end so."""
    ends = Counter(short_name(run.name) for run in runs)
    return {run.name: run.name if ends[short_name(run.name)] > 1 else short_name(run.name) for run in runs}


def short_name(name: str) -> str:
    """The end of a run's name.

    >>> short_name("20261129-033909-c0526e")
    'c0526e'
    """
    return name.rpartition("-")[2] or name


def with_tags(runs: Sequence[RunRecord], tags: Mapping[str, str]) -> list[RunRecord]:
    """The runs that have every one of the tags; an empty one stands for any value of its key."""
    return [
        run for run in runs if all(key in run.tags and wanted in ("", run.tags[key]) for key, wanted in tags.items())
    ]


def order_runs(runs: Sequence[RunRecord], metric: str) -> list[RunRecord]:
    """The runs by a metric, the best first and those without it last; raises UnknownNameError for one that none has."""
    known = {name for run in runs for name in run.metrics}
    if metric not in known:
        raise UnknownNameError("metric", metric, known)
    sign = 1.0 if any(metric in run.lower_is_better for run in runs) else -1.0

    def place(run: RunRecord) -> float:
        return sign * run.metrics[metric].value if metric in run.metrics else math.inf

    return sorted(runs, key=place)
