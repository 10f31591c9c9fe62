"""The curves of runs: a chart for each metric, in which each run is a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import html, ui

from omloop.ui.parts.charts import line_chart
from omloop.ui.parts.markup import text


def show_curves(curves: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """A chart a metric, with a line a run; what has one point alone is a score, and no curve."""
    drawn = {metric: runs for metric, runs in curves.items() if any(len(one["steps"]) > 1 for one in runs.values())}
    if not drawn:
        return
    ui.html("<h2>Curves</h2>", sanitize=False)
    with html.div().classes("om-cards om-charts"):
        for metric, by_run in drawn.items():
            with html.section().classes("om-card"):
                ui.html(f"<h3>{text(metric)}</h3>", sanitize=False)
                lines = {run: list(zip(one["steps"], one["values"], strict=True)) for run, one in by_run.items()}
                line_chart(lines, about=f"{metric} by step", times=False)
