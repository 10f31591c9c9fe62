"""The runs of a project in a list that people search and order, and from which they choose some to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.core import command_line
from omloop.ui.pages.compare_runs import compare_runs
from omloop.ui.pages.one_run import show_run
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.links import version_link
from omloop.ui.parts.markup import badge, command, estimate, moment, state, table, tag, text
from omloop.ui.parts.pager import NOTHING, pager

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SIZE = 25
SHOWN_METRICS = 3
TONES = {"finished": "good", "failed": "bad", "killed": "warn", "running": ""}


async def runs(visit: Visit) -> None:
    """All runs; one of them, or several side by side, where the address says so."""
    with frame(visit, "Runs", "runs"):
        chosen = visit.queries("run")
        if len(chosen) > 1:
            await compare_runs(visit, chosen)
        elif chosen or visit.query("r"):
            await show_run(visit, visit.query("r") or chosen[0])
        else:
            await _list(visit)


async def _list(visit: Visit) -> None:
    asked = {name: visit.query(name) for name in ("q", "status", "tag", "sort")}
    told = await visit.of_project("/runs", page=visit.page_number, size=SIZE, **asked)
    heading("Runs", "Every training is kept: what it was told, what it scored, how it went.")
    if not told["total"] and not any(asked.values()):
        ui.html(state("No run yet", "A turn or a training leaves one.", f"omloop turn {visit.project}"), sanitize=False)
        return
    names = told["metrics"][:SHOWN_METRICS]
    rows = [_row(visit, one, names) for one in told["runs"]]
    head = [
        '<span class="om-sr">compare</span>',
        "run",
        "when",
        "status",
        "model",
        *map(text, names),
        "version",
        "tags",
    ]
    listed = table(head, rows, caption="runs") if rows else NOTHING if told["total"] else "<p>No run is like that.</p>"
    compare = (
        f'<form method="get" action="{text(visit.page("runs"))}" aria-label="compare runs">{listed}'
        '<p class="om-actions"><button class="om-button om-quiet" type="submit">Compare the chosen runs</button></p>'
        "</form>"
    )
    ui.html(_filter(visit, told["metrics"], asked) + compare, sanitize=False)
    ui.html(pager(told, lambda at: visit.page("runs", page=at, **asked)), sanitize=False)
    line = command_line("omloop", "runs", visit.project, sort=asked["sort"], tag=asked["tag"])
    ui.html(command(line), sanitize=False)


def _filter(visit: Visit, metrics: Sequence[str], asked: Mapping[str, str]) -> str:
    def choice(name: str, label: str, words: Sequence[str], none: str) -> str:
        options = "".join(
            f'<option value="{text(word)}"{" selected" if word == asked[name] else ""}>{text(word or none)}</option>'
            for word in ("", *words)
        )
        return f'<label>{label} <select class="om-input" name="{name}">{options}</select></label>'

    return (
        f'<form class="om-row" method="get" action="{text(visit.page("runs"))}" role="search">'
        f'<label>Find <input class="om-input" name="q" value="{text(asked["q"])}" placeholder="name or model"></label>'
        f'<label>Tag <input class="om-input" name="tag" value="{text(asked["tag"])}"></label>'
        f"{choice('status', 'Status', ('finished', 'running', 'failed', 'killed'), 'any')}"
        f"{choice('sort', 'Best by', metrics, 'newest first')}"
        '<button class="om-button om-quiet" type="submit">Show</button></form>'
    )


def _row(visit: Visit, one: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    name = one["run"]
    link = tag("a", text(name), href=visit.page("runs", r=name))
    box = f'<input type="checkbox" name="run" value="{text(name)}" aria-label="compare {text(name)}">'
    tags = " ".join(badge(f"{key}={value}" if value else key) for key, value in one["tags"].items())
    version = version_link(visit, one["version"]) if one["version"] else ""
    scores = [estimate(one["metrics"].get(metric)) if metric in one["metrics"] else "" for metric in names]
    note = f'<br><span class="om-dim">{text(one["note"][:80])}</span>' if one.get("note") else ""
    status = badge(one["status"], TONES.get(one["status"], ""))
    return [box, link + note, moment(one["started"]), status, text(one["model"]), *scores, version, tags]
