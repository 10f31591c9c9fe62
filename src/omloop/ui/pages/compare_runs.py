"""Several runs side by side: scores, configuration, data, code, packages, and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.core import command_line
from omloop.ui.pages.run_curves import show_curves
from omloop.ui.parts.frame import heading
from omloop.ui.parts.markup import Html, command, estimate, table, tag, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SECTIONS = {
    "About": "about",
    "Scores": "metrics",
    "Models, on rows that they did not learn from": "models",
    "Configuration that differs": "configuration",
    "Data": "data",
    "Code": "code",
    "Packages that differ": "packages",
}
"""The parts of a comparison by their titles."""


async def compare_runs(visit: Visit, names: Sequence[str]) -> None:
    """What the runs scored, in what they differ, and their curves over each other."""
    told = await visit.of_project("/runs/compare", run=list(names))
    ui.html(f"<p>{tag('a', 'All runs', href=visit.page('runs'))}</p>", sanitize=False)
    heading("Runs side by side", ", ".join(names))
    for title, rows in _sections(told):
        ui.html(f"<h2>{title}</h2>" + table(["", *map(text, names)], rows, caption=title), sanitize=False)
    curves: dict[str, dict[str, Any]] = {}
    for run, by_metric in told["curves"].items():
        for metric, curve in by_metric.items():
            curves.setdefault(metric, {})[run] = curve
    show_curves(curves)
    ui.html(command(command_line("omloop", "compare", visit.project, *names)), sanitize=False)


def _sections(told: Mapping[str, Any]) -> list[tuple[str, list[list[Html]]]]:
    """The comparison as the rows of tables, each with its title; empty parts have no table."""
    found = {title: told.get(name) or {} for title, name in SECTIONS.items()}
    return [
        (title, [[text(key), *map(_cell, values)] for key, values in rows.items()])
        for title, rows in found.items()
        if rows
    ]


def _cell(value: Any) -> Html:
    return estimate(value) if isinstance(value, Mapping) else text(value)
