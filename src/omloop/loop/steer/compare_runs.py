"""Runs beside each other: what each scored, in what they differ, and their curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from omloop.core import command_line, explain_missing
from omloop.loop.runs.compare import compare_kept
from omloop.loop.runs.kept import KeptRun, require_several
from omloop.loop.runs.runs import find_name, short_labels
from omloop.loop.steer.one_run import curves_of
from omloop.loop.steer.runs import run_index
from omloop.report import comparison_json

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest


def compare(request: SteerRequest) -> Mapping[str, object]:
    """What 2 to 12 runs scored, and in what they differ, with the curves of each."""
    index, given = run_index(request), request.lists.get("run", [])
    names = index.names(request.project)
    found = [find_name(names, one, request.project) for one in given]
    require_several(found, request.project)
    labels, records = short_labels(names), index.whole(request.project, found)
    require_several([record.name for record in records], request.project)
    kept = [KeptRun(record, labels[record.name], request.project, index.tracker) for record in records]
    with explain_missing("Comparing runs"):
        compared = comparison_json(compare_kept(request.project, kept))
    return {
        **compared,
        "curves": {run.label: curves_of(request, index, run)["curves"] for run in kept},
        "command": command_line("omloop", "compare", request.project, *(run.label for run in kept)),
    }
