"""One version: its scores, its lineage, the variants in which it can serve, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import command_line, megabytes
from omloop.ui.pages.promotions import begin_trial, promote
from omloop.ui.pages.version_confidence import confidence_section
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.frame import heading
from omloop.ui.parts.markup import (
    badge,
    command,
    estimate,
    moment,
    note,
    number,
    sentence,
    table,
    tag,
    text,
)
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

MOST_SLICES, SHOWN_METRICS = 60, 3
COSTS = ("size", "ms, half within", "rows a second", "times faster")


async def show_version(visit: Visit, wanted: str, about: Mapping[str, Any]) -> None:
    """Everything that the workspace knows of a version, and what people can do with it."""
    told = await visit.of_project(f"/versions/{segment(wanted)}")
    project = await visit.of_project()
    champion, version = project["champion"], told["version"]
    made = told["lineage"]
    ui.html(f"<p>{tag('a', 'All versions', href=visit.page('versions'))}</p>", sanitize=False)
    heading(
        f"Version {version}", f"{made.get('model', '')}, made {str(made.get('created', ''))[:16].replace('T', ' ')} UTC"
    )
    if version == champion:
        ui.html(note(f"{badge('champion', 'good')} It is in charge now.", "good"), sanitize=False)
    else:
        _actions(visit, told, champion, about)
    for section in (
        _scores(told),
        confidence_section(told),
        _variants(visit, told),
        _lineage(visit, made),
        _slices(told),
        _events(told),
    ):
        ui.html(section, sanitize=False)
    _texts(told)
    ui.html(
        command(command_line("omloop", "evaluate", visit.project, "--version", version), "Score it again by command"),
        sanitize=False,
    )


def _actions(visit: Visit, told: Mapping[str, Any], champion: str | None, about: Mapping[str, Any]) -> None:
    version, promotable = told["version"], bool(told.get("promotable"))
    if not about["writable"]:
        ui.html(note(sentence(about["why_not"]), "warn"), sanitize=False)
        return
    with html.div().classes("om-row"):
        words = "Put it in charge" if promotable else "Put it in charge, whatever the gate said"
        style = "om-button" if promotable else "om-button om-danger"
        Button(words, lambda: promote(visit, version, champion, promotable=promotable), style=style)
        if champion:
            Button("Try it beside the champion", lambda: begin_trial(visit, version), style="om-button om-quiet")
            address = visit.page("versions", a=champion, b=version)
            ui.html(tag("a", "Compare with the champion", href=address), sanitize=False)


def _scores(told: Mapping[str, Any]) -> str:
    rows = [[text(name), estimate(found)] for name, found in told["metrics"].items()]
    return "<h2>Scores in the test</h2>" + table(["metric", "value"], rows, caption="scores")


def _variants(visit: Visit, told: Mapping[str, Any]) -> str:
    """The menu of variants: how large, how fast, how good each is, and which one serves."""
    found = told["variants"]
    names = list(dict.fromkeys(name for one in found for name in one["metrics"]))[:SHOWN_METRICS]
    measured = any(one["cost"] for one in found)
    head = ["variant", *(COSTS if measured else ()), *map(text, names)]
    rows = [_variant(one, names, measured=measured) for one in found]
    listed = table(head, rows, caption="variants of this version", numbers=range(1, 1 + len(COSTS)) if measured else ())
    more = "" if measured else command(command_line("omloop", "optimise", visit.project), "Make smaller ones")
    return "<h2>Variants</h2>" + listed + more


def _variant(one: Mapping[str, Any], names: Sequence[str], *, measured: bool) -> list[str]:
    served = badge("serves", "good") if one["served"] else ""
    about = f'<br><span class="om-dim">{text(one["precision"])}, {text(one["engine"])}</span>'
    cost = one["cost"] or {}
    costs = [
        megabytes(one["bytes"]) if one["bytes"] else "",
        number(cost.get("p50_ms")),
        number(cost.get("rows_a_second")),
        f"{cost['faster']:.1f}" if cost else "",
    ]
    scores = [estimate(one["metrics"].get(name)) for name in names]
    return [f"{text(one['name'])} {served}{about}", *(costs if measured else []), *scores]


def _lineage(visit: Visit, made: Mapping[str, Any]) -> str:
    """The lineage of a version, with links to the run that made it and to the version before."""
    links = {"run": lambda value: visit.page("runs", r=value), "parent": lambda value: visit.page("versions", v=value)}
    rows = []
    for name, value in made.items():
        if value in (None, "", {}, []) or isinstance(value, Mapping | list):
            continue
        shown = tag("a", text(value), href=links[name](value)) if name in links else text(value)
        rows.append([text(name.replace("_", " ")), shown])
    return "<h2>Lineage</h2>" + table(["what", "value"], rows, caption="lineage")


def _slices(told: Mapping[str, Any]) -> str:
    rows = [
        [text(grouping), text(group), text(metric), estimate(found)]
        for grouping, groups in (told.get("slices") or {}).items()
        for group, metrics in groups.items()
        for metric, found in list(metrics.items())[:1]
    ]
    if not rows:
        return ""
    listed = table(["by", "group", "metric", "value"], rows[:MOST_SLICES], caption="scores by group")
    return f"<details><summary>Scores by group ({len(rows)})</summary>{listed}</details>"


def _events(told: Mapping[str, Any]) -> str:
    rows = [
        [moment(one["time"]), text(one["kind"]), text(one["by"]), text(one["reason"])]
        for one in told.get("events") or ()
    ]
    return "<h2>What became of it</h2>" + table(["when", "event", "by", "why"], rows, caption="events") if rows else ""


def _texts(told: Mapping[str, Any]) -> None:
    for title, name in (("Model card", "card"), ("Configuration", "config")):
        if told.get(name):
            ui.html(
                f'<details><summary>{title}</summary><pre tabindex="0">{text(told[name])}</pre></details>',
                sanitize=False,
            )
