"""The versions of a project: how good each is, who was in charge when, what differs, and who shall be in charge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import command_line
from omloop.ui.pages.compare_versions import show_difference
from omloop.ui.pages.one_version import show_version
from omloop.ui.pages.promotions import roll_back
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.links import version_link
from omloop.ui.parts.markup import badge, command, estimate, moment, state, table, tag, text
from omloop.ui.parts.pager import NOTHING, pager

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SIZE = 25
EVENTS = 25
SHOWN_METRICS = 4


async def versions(visit: Visit) -> None:
    """All versions; one of them, or two side by side, where the address says so."""
    about = await visit.about()
    with frame(visit, "Versions", "versions"):
        if visit.query("a") and visit.query("b"):
            await show_difference(visit, visit.query("a"), visit.query("b"))
        elif visit.query("v"):
            await show_version(visit, visit.query("v"), about)
        else:
            await _list(visit, about)


async def _list(visit: Visit, about: Mapping[str, Any]) -> None:
    told = await visit.of_project("/versions", page=visit.page_number, size=SIZE, q=visit.query("q"))
    heading("Versions", "Each is a model that was packaged, tested and kept whole. One is in charge: the champion.")
    if not told["total"] and not visit.query("q"):
        words = "A turn trains models, packages the best, and judges it against the one in charge."
        ui.html(state("No version yet", words, f"omloop turn {visit.project}"), sanitize=False)
        return
    ui.html(_search(visit) + _compare(visit, told["versions"]), sanitize=False)
    names = told["metrics"][:SHOWN_METRICS]
    head = ["version", "model", *map(text, names), "made", "gate"]
    rows = [_row(visit, one, names) for one in told["versions"]]
    nothing = NOTHING if told["total"] else "<p>None is called so.</p>"
    ui.html(table(head, rows, caption="versions") if rows else nothing, sanitize=False)
    ui.html(pager(told, lambda at: visit.page("versions", page=at, q=visit.query("q"))), sanitize=False)
    if told["champion"]:
        await _champions(visit, told["champion"], about)
    await _history(visit)
    ui.html(command(command_line("omloop", "versions", visit.project)), sanitize=False)


def _row(visit: Visit, one: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    crown = f" {badge('champion', 'good')}" if one["champion"] else ""
    link = tag("a", text(one["version"]), href=visit.page("versions", v=one["version"]))
    decision = one["decision"] or {}
    gate = f'<span title="{text(decision.get("reason"))}">{text(decision.get("verdict", ""))}</span>'
    scores = [estimate(one["metrics"].get(name)) for name in names]
    return [link + crown, text(one["model"]), *scores, moment(_seconds(one["made"])), gate]


def _seconds(made: str) -> float:
    """The moment as seconds since 1970; versions say it as a text."""
    return datetime.fromisoformat(made).timestamp()


def _search(visit: Visit) -> str:
    given = text(visit.query("q"))
    return (
        f'<form class="om-row" method="get" action="{text(visit.page("versions"))}" role="search">'
        f'<label class="om-sr" for="om-q">Find a version or a model</label>'
        f'<input class="om-input" id="om-q" name="q" value="{given}" placeholder="find a version or a model">'
        '<button class="om-button om-quiet" type="submit">Find</button></form>'
    )


def _compare(visit: Visit, found: Sequence[Mapping[str, Any]]) -> str:
    """A form of two choices that leads to the comparison; it works without a script."""
    if len(found) < 2:
        return ""
    champion = next((one["version"] for one in found if one["champion"]), found[0]["version"])
    other = next((one["version"] for one in found if one["version"] != champion), champion)

    def choice(name: str, chosen: str, label: str) -> str:
        options = "".join(
            f'<option value="{text(one["version"])}"{" selected" if one["version"] == chosen else ""}>'
            f"{text(one['version'][:8])} {text(one['model'])}{' (champion)' if one['champion'] else ''}</option>"
            for one in found
        )
        return f'<label>{label} <select class="om-input" name="{name}">{options}</select></label>'

    return (
        f'<form class="om-row" method="get" action="{text(visit.page("versions"))}" aria-label="compare two versions">'
        f"{choice('a', champion, 'Compare')}{choice('b', other, 'with')}"
        '<button class="om-button om-quiet" type="submit">Compare</button></form>'
    )


async def _champions(visit: Visit, champion: str, about: Mapping[str, Any]) -> None:
    told = (await visit.of_project("/champions"))["champions"]
    ui.html("<h2>Who was in charge, and when</h2>", sanitize=False)
    rows = [
        [
            version_link(visit, one["version"]),
            moment(one["begin"]),
            "now" if one["end"] is None else moment(one["end"]),
            text(one["by"]),
            text(one["reason"]),
        ]
        for one in told[-EVENTS:][::-1]
    ]
    ui.html(table(["version", "from", "until", "by", "why"], rows, caption="champions"), sanitize=False)
    earlier = {one["version"] for one in told if one["version"] != champion}
    if earlier and about["writable"]:
        with html.div().classes("om-row"):
            Button(
                "Roll back to an earlier champion",
                lambda: roll_back(visit, champion, sorted(earlier)),
                style="om-button om-danger",
            )


async def _history(visit: Visit) -> None:
    told = await visit.of_project("/history", size=EVENTS)
    rows = [
        [
            text(one["number"]),
            moment(one["time"]),
            text(one["kind"]),
            text(one["version"][:8]),
            text(one["by"]),
            text(one["reason"]),
        ]
        for one in told["events"]
    ]
    head = ["#", "when", "event", "version", "by", "why"]
    more = f'<p class="om-dim">The newest {len(rows)} of {told["total"]:,}.</p>' if told["total"] > len(rows) else ""
    listed = table(head, rows, caption="history") + more
    ui.html(f"<details><summary>Every decision, the newest first</summary>{listed}</details>", sanitize=False)
    if told["total"] > len(rows):
        ui.html(command(command_line("omloop", "history", visit.project), "All of them by command"), sanitize=False)
