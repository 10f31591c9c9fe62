"""One run: its scores, its curves and plots, and its configuration."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from omloop.core import command_line
from omloop.ui.pages.run_curves import show_curves
from omloop.ui.parts.frame import heading
from omloop.ui.parts.markup import command, estimate, table, tag, text
from omloop.ui.parts.pictures import picture_type
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

MOST_PLOTS = 12


async def show_run(visit: Visit, name: str) -> None:
    """Everything that a run kept."""
    told = await visit.of_project(f"/runs/{segment(name)}")
    ui.html(f"<p>{tag('a', 'All runs', href=visit.page('runs'))}</p>", sanitize=False)
    about = ", ".join(
        filter(None, [told["status"], told["model"], f"{told['seconds']:.1f} s" if told.get("seconds") else ""])
    )
    heading(f"Run {told['run']}", about)
    metrics = [[text(metric), estimate(found)] for metric, found in told["metrics"].items()]
    ui.html("<h2>Scores</h2>" + table(["metric", "value"], metrics, caption="scores"), sanitize=False)
    show_curves({metric: {told["run"]: curve} for metric, curve in told["curves"].items()})
    await _plots(visit, told)
    _facts(told)
    line = command_line("omloop", "tag", visit.project, told["run"], "--note", "WHAT IT SHOWS")
    ui.html(command(line, "Write a note by command"), sanitize=False)


def _facts(told: Mapping[str, Any]) -> None:
    """The configuration as its author wrote it, and the environment line by line, both folded away."""
    environment = "\n".join(f"{name}: {value}" for name, value in (told["environment"] or {}).items())
    for title, words in (("Configuration", told["config"]), ("Environment", environment)):
        if words:
            shown = f'<details><summary>{title}</summary><pre tabindex="0">{text(words)}</pre></details>'
            ui.html(shown, sanitize=False)


async def _plots(visit: Visit, told: Mapping[str, Any]) -> None:
    """The plots that the run kept, and the names of its other files."""
    names = [one["name"] for one in told["files"]]
    shown = [name for name in names if name.endswith((".png", ".jpg", ".svg"))][:MOST_PLOTS]
    cards = []
    for name in shown:
        answer = await visit.file(f"/runs/{segment(told['run'])}/files/{quote(name)}")
        media = "image/svg+xml" if name.endswith(".svg") else picture_type(answer.body)
        if media:
            address = f"data:{media};base64,{base64.b64encode(answer.body).decode()}"
            picture, words = tag("img", src=address, alt=name), tag("figcaption", text(name), class_="om-dim")
            cards.append(tag("figure", picture + words, class_="om-card"))
    others = [name for name in names if name not in shown]
    if cards:
        ui.html(f'<h2>Plots</h2><div class="om-cards om-plots">{"".join(cards)}</div>', sanitize=False)
    if others:
        ui.html(f'<p class="om-dim">It also keeps {text(", ".join(others))}.</p>', sanitize=False)
