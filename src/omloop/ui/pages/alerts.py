"""The alerts of a project: those that ring, the silences, and the earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nicegui import html, ui

from omloop.core import command_line, utc_text
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.confirm import REASON, confirm
from omloop.ui.parts.markup import badge, command, moment, note, table, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

TONES = {"critical": "bad", "warning": "warn"}
TOLD_BEFORE = 20
"""Earlier alerts that the page lists at most."""


async def show_alerts(visit: Visit, about: Mapping[str, Any]) -> None:
    """The alerts that ring, the silences, and earlier alerts; a button silences, where this visit may change things."""
    told = await visit.of_project("/alerts")
    ui.html("<h2>Alerts</h2>", sanitize=False)
    ringing = told["ringing"]
    if ringing:
        rows = [[badge(name, "bad"), moment(since)] for name, since in ringing.items()]
        ui.html(table(["rings", "since"], rows, caption="alerts that ring"), sanitize=False)
    else:
        looked = "No watch has looked yet." if told["looked"] is None else f"Last look {moment(told['looked'])}."
        ui.html(f"<p>Nothing rings. {looked}</p>", sanitize=False)
    for one in told["silenced"]:
        words = f"Silent until {_moment_ahead(one['until'])}: {text(one['because'])}"
        ui.html(note(words), sanitize=False)
    if about["writable"]:
        with html.div().classes("om-row"):
            Button("Silence", lambda: _silence(visit), style="om-button om-quiet")
    rows = [
        [moment(one["time"]), badge(one["severity"], TONES.get(one["severity"], "")), text(one["text"])]
        for one in told["history"][-TOLD_BEFORE:][::-1]
    ]
    if rows:
        listed = table(["when", "severity", "what"], rows, caption="what was told")
        ui.html(f"<details><summary>What was told before</summary>{listed}</details>", sanitize=False)
    ui.html(command(command_line("omloop", "alerts", visit.project)), sanitize=False)


def _silence(visit: Visit) -> None:
    hours = {"name": "hours", "label": "For how long", "unit": "hours", "kind": "number", "required": True}
    hours |= {"minimum": 0.1, "maximum": 720, "step": "any"}

    def line(typed: Mapping[str, Any]) -> str:
        time = f"{typed.get('hours', 2):g}h"
        return command_line("omloop", "alerts", visit.project, "--silence", time, because=typed.get("reason", "WHY"))

    async def change(typed: Mapping[str, Any]) -> None:
        body = {"seconds": 3600.0 * typed["hours"], "reason": typed["reason"]}
        await visit.change("/alerts/silence", **body)

    confirm(
        "Silence the alerts",
        "Nobody is told anything meanwhile.",
        change,
        action="Silence",
        line=line,
        fields=[hours, REASON],
    )


def _moment_ahead(seconds: float) -> str:
    """A moment that is still to come, in UTC."""
    return text(utc_text(seconds)[:16] + " UTC")
