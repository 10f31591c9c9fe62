"""The runs of a project: what each scored, its curves and plots, and several side by side."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import html, ui

from omloop.ui.parts.charts import line_chart
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import Html, badge, command, command_line, estimate, moment, state, table, tag, text
from omloop.ui.parts.pager import NOTHING, pager
from omloop.ui.parts.pictures import picture_type
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SIZE = 25
SHOWN_METRICS = 3
MOST_PLOTS = 12
SECTIONS = {
    "About": "about",
    "Scores": "metrics",
    "Models, on the validation rows": "models",
    "Configuration that differs": "configuration",
    "Data": "data",
    "Code": "code",
    "Packages that differ": "packages",
}
"""The parts of a comparison by their titles."""
TONES = {"finished": "good", "failed": "bad", "killed": "warn", "running": ""}


async def runs(visit: Visit) -> None:
    """All runs; one of them, or several side by side, where the address says so."""
    with frame(visit, "Runs", "runs"):
        chosen = visit.queries("run")
        if len(chosen) > 1:
            await _compared(visit, chosen)
        elif chosen or visit.query("r"):
            await _one(visit, visit.query("r") or chosen[0])
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
    words = ["omloop", "runs", visit.project]
    words += [word for name in ("sort", "tag") if asked[name] for word in (f"--{name}", asked[name])]
    ui.html(command(command_line(*words)), sanitize=False)


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
    version = (
        tag("a", text(one["version"][:8]), href=visit.page("versions", v=one["version"])) if one["version"] else ""
    )
    scores = [estimate(one["metrics"].get(metric)) if metric in one["metrics"] else "" for metric in names]
    note = f'<br><span class="om-dim">{text(one["note"][:80])}</span>' if one.get("note") else ""
    status = badge(one["status"], TONES.get(one["status"], ""))
    return [box, link + note, _when(one["started"]), status, text(one["model"]), *scores, version, tags]


def _when(started: Any) -> str:
    """When a run began; the list says it as a text, in UTC."""
    if isinstance(started, str):
        return text(started[:16].replace("T", " "))
    return moment(started)


async def _one(visit: Visit, name: str) -> None:
    told = await visit.of_project(f"/runs/{segment(name)}")
    ui.html(f"<p>{tag('a', 'All runs', href=visit.page('runs'))}</p>", sanitize=False)
    about = ", ".join(
        filter(None, [told["status"], told["model"], f"{told['seconds']:.1f} s" if told.get("seconds") else ""])
    )
    heading(f"Run {told['run']}", about)
    metrics = [[text(metric), estimate(found)] for metric, found in told["metrics"].items()]
    ui.html("<h2>Scores</h2>" + table(["metric", "value"], metrics, caption="scores"), sanitize=False)
    _curves({metric: {told["run"]: curve} for metric, curve in told["curves"].items()})
    await _plots(visit, told)
    for title, key in (("Configuration", "config"), ("Environment", "environment")):
        if told.get(key):
            words = (
                told[key]
                if isinstance(told[key], str)
                else "\n".join(f"{name}: {value}" for name, value in told[key].items())
            )
            ui.html(
                f'<details><summary>{title}</summary><pre tabindex="0">{text(words)}</pre></details>', sanitize=False
            )
    ui.html(
        command(
            command_line("omloop", "tag", visit.project, told["run"], "--note", "WHAT IT SHOWS"),
            "Write a note by command",
        ),
        sanitize=False,
    )


def _curves(curves: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
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


async def _plots(visit: Visit, told: Mapping[str, Any]) -> None:
    """The plots that the run kept; other files are named."""
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


async def _compared(visit: Visit, names: Sequence[str]) -> None:
    told = await visit.of_project("/runs/compare", run=list(names))
    ui.html(f"<p>{tag('a', 'All runs', href=visit.page('runs'))}</p>", sanitize=False)
    heading("Runs side by side", ", ".join(names))
    for title, rows in _sections(told):
        ui.html(f"<h2>{title}</h2>" + table(["", *map(text, names)], rows, caption=title), sanitize=False)
    curves: dict[str, dict[str, Any]] = {}
    for name in names:
        for metric, curve in (await visit.of_project(f"/runs/{segment(name)}"))["curves"].items():
            curves.setdefault(metric, {})[name] = curve
    _curves(curves)
    ui.html(command(command_line("omloop", "compare", visit.project, *names)), sanitize=False)


def _sections(told: Mapping[str, Any]) -> list[tuple[str, list[list[Html]]]]:
    """The comparison as the rows of tables, each with its title; parts in which there is nothing are left out."""
    found = {title: told.get(name) or {} for title, name in SECTIONS.items()}
    return [
        (title, [[text(key), *map(_cell, values)] for key, values in rows.items()])
        for title, rows in found.items()
        if rows
    ]


def _cell(value: Any) -> Html:
    return estimate(value) if isinstance(value, Mapping) else text(value)
