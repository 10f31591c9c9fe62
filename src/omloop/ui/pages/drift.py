"""Whether what comes in differs from what the model learned: one verdict, each column, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.client import RefusedError
from omloop.ui.pages.drift_columns import show_columns
from omloop.ui.parts.charts import line_chart
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import command, estimate, moment, note, state, table, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

TIMELINE_COLUMNS = 12
MARKS = {
    "alarm": "#c0392b",
    "quiet": "#2f9e6b",
    "retrain": "#8e44ad",
    "retrained": "#8e44ad",
    "promote": "#1d5fbf",
    "rollback": "#d9652b",
}
"""The events that the timeline shows, and their colours."""


async def drift(visit: Visit) -> None:
    """The page of the newest look, and of the windows before it."""
    with frame(visit, "Drift", "drift"):
        heading("Drift", "Is what comes in still what the model learned from? And does it hurt?")
        try:
            told = await visit.of_project("/drift")
        except RefusedError as error:
            if error.status != 404:
                raise
            words = "A watch compares what is asked with what the model learned from. None has looked yet."
            ui.html(state("Not watched yet", words, f"omloop watch {visit.project}"), sanitize=False)
            return
        ui.html(_verdict(told), sanitize=False)
        await _timeline(visit)
        await show_columns(visit)
        ui.html(command(f"omloop watch {visit.project} --once", "A new look by command"), sanitize=False)


def _verdict(told: Mapping[str, Any]) -> str:
    """The verdict in a sentence, with the live score beside the one of the test."""
    if told.get("broken"):
        words, tone = f"The data is broken: {', '.join(map(str, told['broken']))}. Mend its source first.", "bad"
    elif told.get("hurt"):
        words, tone = "It hurts: the model got worse than in its test.", "bad"
    elif told.get("drift"):
        moved = len(told.get("columns") or ())
        words, tone = f"{moved} column{'s' if moved != 1 else ''} moved; {told.get('verdict', '')}.", "warn"
    elif told.get("drift") is None:
        words, tone = "There are too few predictions for a verdict yet.", ""
    else:
        words, tone = f"Nothing moved; {told.get('verdict', '')}.", "good"
    rows = [
        [text(name), estimate(tested), estimate((told.get("live") or {}).get(name))]
        for name, tested in (told.get("tested") or {}).items()
    ]
    if told.get("estimated_error"):
        rows.append(["error, estimated without labels", "", estimate(told["estimated_error"])])
    warned = ", ".join(map(str, told.get("warning") or ()))
    more = f"<p>A warning, not an alarm yet: {text(warned)}.</p>" if warned else ""
    action = f"<p>What the watch did: {text(told['action'])}.</p>" if told.get("action") else ""
    about = f'<p class="om-dim">{told.get("rows", 0):,} predictions, {told.get("labelled", 0):,} labels, version '
    about += f"{text(str(told.get('version', ''))[:8])}; looked {text(str(told.get('time', ''))[:19])} UTC</p>"
    head = ["", "in the test", "live"]
    scores = table(head, rows, caption="scores, in the test and live") if rows else ""
    return note(f"<b>{text(words)}</b>{more}{action}", tone) + about + scores


async def _timeline(visit: Visit) -> None:
    told = await visit.of_project("/drift/history", columns=TIMELINE_COLUMNS)
    ui.html("<h2>Over time</h2>", sanitize=False)
    if not told["windows"]:
        ui.html('<p class="om-dim">No window of predictions is whole yet.</p>', sanitize=False)
        return
    ends = [window["end"] for window in told["windows"]]
    series = {one["name"]: list(zip(ends, one["distance"], strict=True)) for one in told["columns"]}
    marks = [
        {"time": one["time"], "name": one["kind"], "colour": MARKS[one["kind"]]}
        for one in told["marks"]
        if one["kind"] in MARKS and ends[0] <= one["time"]
    ]
    about = "how far each column is from what was learned, window by window"
    line_chart(series, about=about, unit="PSI", marks=marks[-30:])
    words = (
        "Each line is a column's distance from the reference, as the population stability index: below 0.1 is small, "
        "above 0.25 is much. Upright lines are alarms, retrainings and promotions."
    )
    ui.html(f'<p class="om-hint">{words}</p>{_marks(told["marks"])}', sanitize=False)


def _marks(marks: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [moment(one["time"]), text(one["kind"]), text(one["version"][:8]), text(one["text"])] for one in marks[::-1]
    ]
    if not rows:
        return ""
    listed = table(["when", "event", "version", "why"], rows[:50], caption="alarms, retrainings and promotions")
    return f"<details><summary>{len(rows)} alarms, retrainings and promotions</summary>{listed}</details>"
