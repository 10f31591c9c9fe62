"""What a page of several runs shows beside their tables: curves, plots and uncommitted changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from omloop.loop.runs.compare import compare_runs
from omloop.loop.runs.curves import thinned
from omloop.loop.runs.kept import PATCH, KeptRun, kept_runs
from omloop.report import Comparison, Curves

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

MOST_POINTS, MOST_CHARTS = 500, 16
STEPS, SYSTEM = "metrics.jsonl", "system.jsonl"
_Lines = dict[tuple[int, str], list[tuple[float, float]]]


def picture_runs(name: str, given: Sequence[str], workspace: Workspace) -> Comparison:
    """What `compare_runs` gives, with all that a page shows besides: curves, plots and uncommitted changes."""
    kept = kept_runs(name, given, workspace)
    return replace(
        compare_runs(name, given, workspace),
        curves=_curves(kept),
        machine=_machine(kept),
        plots=_plots(kept),
        patches=tuple(run.text(PATCH) for run in kept),
    )


def _curves(kept: Sequence[KeptRun]) -> Curves:
    """What each model logged by step, under the name that models share; losses come first."""
    charts: dict[str, _Lines] = {}
    for place, run in enumerate(kept):
        for line in run.lines(STEPS):
            for key, value in line.items():
                model, _, title = key.rpartition("/")
                if model and _is_number(value) and _is_number(line.get("step")):
                    label = f"{run.label} {model}"
                    charts.setdefault(title, {}).setdefault((place, label), []).append(
                        (float(line["step"]), float(value))
                    )
    order = sorted(charts, key=lambda title: (not title.endswith("loss"), title))
    drawn = {title: _thinned(charts[title]) for title in order}
    return dict(islice(((title, lines) for title, lines in drawn.items() if lines), MOST_CHARTS))


def _machine(kept: Sequence[KeptRun]) -> Curves:
    """What each run took of the machine, by seconds."""
    charts: dict[str, _Lines] = {}
    for place, run in enumerate(kept):
        for point in run.lines(SYSTEM):
            for title, value in point.items():
                if title != "time" and _is_number(value) and _is_number(point.get("time")):
                    seen = charts.setdefault(title, {}).setdefault((place, run.label), [])
                    seen.append((float(point["time"]), float(value)))
    return {title: lines for title in sorted(charts)[:MOST_CHARTS] if (lines := _thinned(charts[title]))}


def _thinned(lines: _Lines) -> _Lines:
    """Lines of two points at least, and of a bounded number."""
    return {line: thinned(points, MOST_POINTS) for line, points in lines.items() if len(points) > 1}


def _plots(kept: Sequence[KeptRun]) -> dict[str, tuple[bytes | None, ...]]:
    """Every picture that a run keeps, but for the curves of the machine: omloop draws those together."""
    names = sorted({name for run in kept for name in run.files if name.endswith(".png")} - {"plots/system.png"})
    return {name: tuple(run.read(name) for run in kept) for name in names}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
