"""The runs of a project: found by a part of their name, chosen by tags, ordered by what they scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from omloop.core import OmloopError, UnknownNameError, some
from omloop.loop.project.discover import project_name
from omloop.report import score_json
from omloop.track import RunRecord, read_record

if TYPE_CHECKING:
    from omloop.core import Estimate
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
    name = find_name([run.name for run in runs], given, project)
    return next(run for run in runs if run.name == name)


def find_name(names: Sequence[str], given: str, project: str) -> str:
    """The same of the names alone."""
    if given in names:
        return given
    found = [name for name in names if given and (name.startswith(given) or name.endswith(f"-{given}"))]
    if len(found) > 1:
        raise OmloopError(f"'{given}' stands for {len(found):,} runs: {some(found)}. Give more of the name.")
    if not found:
        known = [name if "-" in given else short_name(name) for name in names]
        raise UnknownNameError("run", given, known, next_step=f"See: omloop runs {project}")
    return found[0]


def short_names(runs: Sequence[RunRecord]) -> dict[str, str]:
    """The end of each run's name by which `find_run` finds it, or the whole name where several end so."""
    return short_labels([run.name for run in runs])


def short_labels(names: Sequence[str]) -> dict[str, str]:
    """The same of the names alone."""
    ends = Counter(map(short_name, names))
    return {name: name if ends[short_name(name)] > 1 else short_name(name) for name in names}


def short_name(name: str) -> str:
    """The end of a run's name.

    >>> short_name("20261129-033909-c0526e")
    'c0526e'
    """
    return name.rpartition("-")[2] or name


def run_json(one: RunRecord) -> dict[str, object]:
    """A run as JSON values; unknown parts of a score are null, and `started` is in seconds since 1970."""
    return {
        "run": one.name,
        "status": one.status,
        "kind": one.kind,
        "started": one.started,
        "seconds": one.seconds,
        "model": one.model,
        "part": one.part,
        "metric": one.metric,
        "metrics": _scores(one.metrics),
        "models": {model: _scores(scores) for model, scores in one.models.items()},
        "data": dict(one.data),
        "version": one.version,
        "verdict": one.verdict,
        "reason": one.reason,
        "tags": dict(one.tags),
        "note": one.note,
    }


def _scores(found: Mapping[str, Estimate]) -> dict[str, object]:
    return {name: score_json(score) for name, score in found.items()}


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
