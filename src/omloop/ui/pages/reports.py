"""The reports that the workspace keeps of a project: static pages, each shown in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from omloop.core import command_line
from omloop.ui.parts.markup import command, moment, table, tag, text
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


async def show_reports(visit: Visit) -> None:
    """All reports, each a link to itself."""
    found = (await visit.of_project("/pages"))["pages"]
    ui.html("<h2>Reports</h2>", sanitize=False)
    if not found:
        words = "None is kept yet. A look at the data, a verdict, a load test or a back-test leaves one."
        begin = command(command_line("omloop", "data", visit.project), "Begin with")
        ui.html(f'<p class="om-dim">{words}</p>{begin}', sanitize=False)
        return
    rows = [
        [
            tag("a", text(one["title"]), href=visit.page("more", report=one["name"])),
            text(one["kind"]),
            moment(one["made"]),
        ]
        for one in found
    ]
    ui.html(table(["report", "of", "made"], rows, caption="reports"), sanitize=False)


async def show_report(visit: Visit, name: str) -> None:
    """A static page in place, in a sandbox: its script, which finds columns, reaches nothing of this page."""
    answer = await visit.file(f"/pages/{segment(name)}")
    ui.html(f"<p>{tag('a', 'All reports', href=visit.page('more'))}</p>", sanitize=False)
    written = answer.body.decode("utf-8", "replace")
    frame_of = tag("iframe", class_="om-report", sandbox="allow-scripts", title=name, srcdoc=written)
    ui.html(frame_of, sanitize=False)
