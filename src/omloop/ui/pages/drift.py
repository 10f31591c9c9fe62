"""Whether what comes in differs from what the model learned: one verdict, each column, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.client import RefusedError
from omloop.ui.parts.charts import line_chart
from omloop.ui.parts.frame import frame, heading
from omloop.ui.parts.markup import badge, command, estimate, moment, note, number, state, table, text
from omloop.ui.parts.pictures import picture_address

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

TIMELINE_COLUMNS = 12
SHOWN_COLUMNS = 40
MOST_CELLS = 12
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
        await _columns(visit)
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


async def _columns(visit: Visit) -> None:
    told = await visit.of_project("/drift/columns")
    found = told["columns"]
    ui.html("<h2>Every column</h2>", sanitize=False)
    if not found:
        ui.html('<p class="om-dim">Nothing to compare yet.</p>', sanitize=False)
        return
    key = '<p class="om-key om-dim"><i></i> learned from <i class="om-live"></i> live</p>'
    rows = [_column(one) for one in found[:SHOWN_COLUMNS]]
    head = ["column", "learned from and live", "distance (PSI)", "share", "p-value", "how"]
    ui.html(key + table(head, rows, caption="every observed column", numbers=[2, 3, 4]), sanitize=False)
    if len(found) > SHOWN_COLUMNS:
        ui.html(f'<p class="om-dim">The {SHOWN_COLUMNS} that differ most, of {len(found):,}.</p>', sanitize=False)
    ui.html(_unusual(told.get("unusual") or ()), sanitize=False)


def _column(one: Mapping[str, Any]) -> list[str]:
    moved = badge("moved", "warn") if one["moved"] else ""
    how = text(one.get("how") or "") + (
        f'<br><span class="om-dim">since {moment(one["since"])}</span>' if one.get("since") else ""
    )
    share = f"{100 * one['share']:.0f} %" if one.get("share") is not None else ""
    p_value = "" if one["p_value"] is None else f"{one['p_value']:.2g}"
    return [
        f"{text(one['name'])} {moved}",
        _overlaid(one["name"], one["cells"]),
        number(one["distance"], 1.0),
        share,
        p_value,
        how,
    ]


def _overlaid(name: str, cells: Sequence[Mapping[str, Any]]) -> str:
    """Both distributions over each other, a pair of bars a cell; of many cells the ones that changed most."""
    shown = list(cells)
    if len(shown) > MOST_CELLS and not _is_ordered(shown):
        shown = sorted(shown, key=lambda one: -abs(one["live"] - one["reference"]))[:MOST_CELLS]
    most = max((max(one["reference"], one["live"]) for one in shown), default=0.0) or 1.0
    width = max(6, min(24, 240 // max(1, len(shown))))
    drawn = "".join(_cell(one, width, at, most) for at, one in enumerate(shown))
    named, across = text(f"{name}: what was learned from, and live"), width * len(shown)
    box = f'viewBox="0 0 {across} 50" width="{across}" height="50" role="img" aria-label="{named}"'
    return f'<svg class="om-cells" {box}>{drawn}</svg>'


def _cell(one: Mapping[str, Any], width: int, at: int, most: float) -> str:
    """A pair of bars over each other; what they say is told when they are pointed at."""
    told = f"{one['label']}: {100 * one['reference']:.1f} % learned from, {100 * one['live']:.1f} % live"

    def bar(style: str, share: float) -> str:
        height = 46 * share / most
        return f'<rect class="{style}" width="{width - 1}" y="{48 - height:.1f}" height="{height:.1f}"/>'

    pair = bar("om-ref", one["reference"]) + bar("om-liv", one["live"])
    return f'<g transform="translate({at * width},0)"><title>{text(told)}</title>{pair}</g>'


def _is_ordered(cells: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the cells are ranges of a number, which are told in their order."""
    return any(sign in str(one["label"]) for one in cells[:2] for sign in ("≤", "<", " to ", "…", ".."))


def _unusual(pairs: Sequence[Mapping[str, Any]]) -> str:
    if not pairs:
        return ""
    title = "The most unusual, beside the nearest that was learned from"
    return f'<h2>{title}</h2><div class="om-cards om-pairs">{"".join(map(_pair, pairs))}</div>'


def _pair(pair: Mapping[str, Any]) -> str:
    sides = ""
    if pair["live"] or pair["reference"]:
        sides = (
            f'<div class="om-two om-even"><div><h3>live</h3>{_example(pair["live"])}</div>'
            f"<div><h3>nearest learned from</h3>{_example(pair['reference'])}</div></div>"
        )
    lead = f'<p class="om-dim">{text(pair["time"])}, answered {text(pair["answer"])}</p>'
    return f'<section class="om-card">{lead}{sides}{_differences(pair)}</section>'


def _example(fields: Mapping[str, Any]) -> str:
    shown = []
    for name, value in fields.items():
        address = picture_address(value)
        shown.append(
            f'<img class="om-preview" src="{text(address)}" alt="{text(name)}">'
            if address
            else f"<p>{text(str(value)[:300])}</p>"
        )
    return "".join(shown) or '<p class="om-dim">not kept</p>'


def _differences(pair: Mapping[str, Any]) -> str:
    rows = [[text(name), text(live), text(reference)] for name, live, reference in list(pair["columns"])[:4]]
    return table(["column", "live", "learned"], rows, caption="what differs most") if rows else ""
