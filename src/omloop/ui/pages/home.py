"""All projects of the workspace in one list: what serves, how well, and whether anything rings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import badge, estimate, moment, state, table, tag, text
from omloop.ui.parts.refreshing import refreshing

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

AGAIN_S = 10.0
DRIFT = {
    "no watch": ("not watched yet", ""),
    "collecting": ("too few predictions", ""),
    "calibrating": ("calibrating", ""),
    "quiet": ("nothing moved", "good"),
    "drift": ("the input moved", "warn"),
    "loss": ("it got worse", "bad"),
    "broken": ("the data is broken", "bad"),
}
HEAD = ("project", "champion", "score", "asked today", "drift", "rings", "last decision")


async def home(visit: Visit) -> None:
    """The list, asked for again every few seconds."""
    found = await visit.workspace("/projects")
    with frame(visit, "Projects"):
        heading("Projects", "What serves, how well it does, and what asks for you.")
        listed = ui.html(_list(visit, found["projects"]), sanitize=False)

        async def again() -> None:
            listed.content = _list(visit, (await visit.workspace("/projects"))["projects"])

        refreshing(again, AGAIN_S)


def _list(visit: Visit, projects: list[Mapping[str, Any]]) -> str:
    if not projects:
        told = "A project says what is to be learned. omloop brings some to begin from."
        return state("There is no project yet", told, "omloop demo")
    return table(HEAD, [_row(visit, one) for one in projects], caption="projects", numbers=[3])


def _row(visit: Visit, one: Mapping[str, Any]) -> list[str]:
    name = tag("a", text(one["name"]), href=visit.href("p", one["name"]))
    if one["problem"]:
        name += f'<br>{badge("a problem", "bad")} <span class="om-dim">{text(one["problem"])}</span>'
    if one["champion"] is None:
        nothing = '<span class="om-dim">none yet</span>'
        return [name, nothing, "", "", "", "", _decision(one["last"])]
    words, tone = DRIFT.get(one["drift"]["state"], (one["drift"]["state"], ""))
    drift = tag("a", badge(words, tone), href=visit.href("p", one["name"], "drift"), title=one["drift"]["text"])
    champion = tag("a", text(one["champion"][:8]), href=visit.href("p", one["name"], "versions", v=one["champion"]))
    model = f'<br><span class="om-dim">{text(one["model"])}, {moment(one["since"])}</span>'
    return [
        name,
        champion + model,
        _score(one["metric"]),
        f"{one['traffic']['day']:,}",
        drift,
        _rings(one["ringing"]),
        _decision(one["last"]),
    ]


def _score(metric: Mapping[str, Any] | None) -> str:
    if metric is None:
        return ""
    live = metric["live"]
    where = "live" if live else "in the test"
    return f'{estimate(live or metric["tested"])}<br><span class="om-dim">{text(metric["name"])} {where}</span>'


def _rings(ringing: list[Mapping[str, Any]]) -> str:
    loud = [one for one in ringing if not one["silenced"]]
    silent = len(ringing) - len(loud)
    told = "".join(badge(one["rule"], "bad") for one in loud) or '<span class="om-dim">nothing</span>'
    return told + (f' <span class="om-dim">{silent} silenced</span>' if silent else "")


def _decision(last: Mapping[str, Any] | None) -> str:
    if last is None:
        return ""
    why = tag("span", text(last["reason"]), class_="om-dim", title=last["reason"])
    return f'<div class="om-more">{text(last["kind"])} {moment(last["time"])}{why}</div>'
