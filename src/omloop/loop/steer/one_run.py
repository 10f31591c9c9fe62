"""One run with its curves, its files and its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.core import UnknownNameError, command_line
from omloop.loop.project.scoring import CONFIG
from omloop.loop.runs.curves import curves_in
from omloop.loop.runs.index import RunIndex
from omloop.loop.runs.kept import KeptRun
from omloop.loop.runs.runs import find_name, run_json
from omloop.loop.steer.runs import run_index

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest
    from omloop.track import RunRecord

CURVES = {"curves": ("metrics.jsonl", "step"), "machine": ("system.jsonl", "time")}
"""The files of a run that hold curves, and by what."""
MOST_DRAWN = 64
"""How many runs' curves to keep in memory."""
Curves = dict[str, dict[str, list[float]]]


def get_run(request: SteerRequest) -> dict[str, object]:
    """A run with its curves, configuration, environment and the names of its files."""
    index = run_index(request)
    run = one_run(request)
    kept = KeptRun(run, run.name, request.project, index.tracker)
    return {
        **run_json(run),
        "lower_is_better": list(run.lower_is_better),
        **curves_of(request, index, kept),
        "config": kept.text(CONFIG),
        "environment": kept.facts,
        "files": [{"name": name, "bytes": _size(index, request.project, run.name, name)} for name in kept.files],
        "command": command_line("omloop", "compare", request.project, run.name, "OTHER"),
    }


def curves_of(request: SteerRequest, index: RunIndex, run: KeptRun) -> dict[str, Curves]:
    """The curves of a run by step, and of the machine by second; drawn once, or again while a run grows."""

    def draw() -> dict[str, Curves]:
        return {key: _curves(run.read(name) or b"", by) for key, (name, by) in CURVES.items()}

    name = run.record.name
    sizes = [_size(index, request.project, name, file) for file, _ in CURVES.values() if file in run.files]
    if run.record.seconds is None and None in sizes:
        return draw()
    found: dict[str, Curves] = request.caches.once("curves", (request.project, name, *sizes), draw, most=MOST_DRAWN)
    return found


def one_run(request: SteerRequest) -> RunRecord:
    """The run that the path names, by its name or a part that no other shares; raises UnknownNameError."""
    index = run_index(request)
    names = index.names(request.project)
    name = find_name(names, request.path["run"], request.project)
    found = index.whole(request.project, [name])
    if not found:
        raise UnknownNameError("run", name, (), next_step=f"See: omloop runs {request.project}")
    return found[0]


def _curves(content: bytes, by: str) -> Curves:
    return {
        name: {"steps": [step for step, _ in points], "values": [value for _, value in points]}
        for name, points in curves_in(content, by).items()
    }


def _size(index: RunIndex, project: str, run: str, name: str) -> int | None:
    """The bytes of a file; None where it lies far away."""
    return None if index.files is None else index.files.size(project, run, name)
