"""The trial of a project: a version on trial beside the champion, and how both do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import command_line
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.confirm import confirm
from omloop.ui.parts.links import version_link
from omloop.ui.parts.markup import estimate, note, table, tag, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


async def show_trial(visit: Visit, about: Mapping[str, Any]) -> None:
    """What the trial has shown so far, and a button that ends it, where this visit may change things."""
    told = await visit.of_project("/trial")
    ui.html("<h2>Trial</h2>", sanitize=False)
    found = told.get("trial")
    if not found:
        link = tag("a", "a version", href=visit.page("versions"))
        ui.html(f"<p>No version is tried beside the champion. Choose {link} to try one.</p>", sanitize=False)
        return
    tried, champion = version_link(visit, found["version"]), version_link(visit, found["champion"])
    lead = f"Version {tried} is tried as a {text(found['mode'])} on {100 * found['share']:.0f} % of the requests, "
    lead += f"beside {champion}. It answered {found['answered']:,} and failed {found['failed']:,}."
    ui.html(f"<p>{lead}</p>{note(text(found['decision']['reason']))}", sanitize=False)
    rows = [
        [text(name), estimate(one), estimate(found["champion_metrics"].get(name))]
        for name, one in found["metrics"].items()
    ]
    if rows:
        about_rows = f'<p class="om-dim">By {found["labelled"]:,} labels of inputs that both answered.</p>'
        listed = table(["", "on trial", "champion"], rows, caption="scores of the trial")
        ui.html(about_rows + listed, sanitize=False)
    if about["writable"]:
        with html.div().classes("om-row"):
            Button("End the trial", lambda: _end(visit), style="om-button om-danger")


def _end(visit: Visit) -> None:
    def line(typed: Mapping[str, Any]) -> str:
        return command_line("omloop", "trial", visit.project, "--stop", reason=typed.get("reason", "WHY"))

    async def change(typed: Mapping[str, Any]) -> None:
        await visit.change("/trial/end", reason=typed["reason"])

    confirm("End the trial", "The champion answers alone again.", change, action="End it", line=line)
