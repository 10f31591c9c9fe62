"""Logged predictions: the newest in a list, and one by its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.client import RefusedError
from omloop.ui.pages.outputs import value_text
from omloop.ui.parts.links import SHORT, version_link
from omloop.ui.parts.markup import Html, badge, moment, note, number, table, tag, text
from omloop.ui.parts.pictures import picture_address
from omloop.ui.visit import segment

if TYPE_CHECKING:
    from omloop.ui.visit import Visit


async def show_prediction(visit: Visit, wanted: str) -> None:
    """One prediction by its id."""
    try:
        found = await visit.of_project(f"/predictions/{segment(wanted)}")
    except RefusedError as error:
        ui.html(note(text(error), "warn"), sanitize=False)
        return
    rows = [[text(name), text(value)] for name, value in found.items() if value not in (None, {}, "")]
    ui.html(
        f"<h2>Prediction {text(wanted)}</h2>" + table(["what", "value"], rows, caption="one prediction"), sanitize=False
    )


def newest_predictions(visit: Visit, found: Sequence[Mapping[str, Any]], now: float) -> Html:
    """The newest predictions as a table, with their inputs where the log keeps those."""
    if not found:
        link = tag("a", "Try it", href=visit.page())
        return f"<h2>Newest predictions</h2><p class='om-dim'>Nothing was asked yet. {link}, and it is listed here.</p>"
    glimpses = any(one["glimpse"] for one in found)
    head = [*(["input"] if glimpses else []), "when", "answer", "true", "version", "ms", "id"]
    rows = [[*([_glimpse(one["glimpse"])] if glimpses else []), *_prediction(visit, one, now)] for one in found]
    return "<h2>Newest predictions</h2>" + table(head, rows, caption="newest predictions")


def _prediction(visit: Visit, one: Mapping[str, Any], now: float) -> list[str]:
    answer = one["answer"]
    words = text(answer) if isinstance(answer, str) else text(value_text(float(answer)))
    if one["probability"] is not None:
        words += f' <span class="om-dim">{100 * one["probability"]:.0f} %</span>'
    link = tag("a", text(one["id"][:SHORT]), href=visit.page("live", id=one["id"]))
    version = version_link(visit, one["version"])
    return [moment(one["time"], now), words, _truth(one), version, number(one["latency_ms"]), link]


def _truth(one: Mapping[str, Any]) -> str:
    if one["label"] is None:
        return '<span class="om-dim">not known</span>'
    if one["right"] is None:
        return text(one["label"])
    return f"{text(one['label'])} {badge('right', 'good') if one['right'] else badge('wrong', 'bad')}"


def _glimpse(fields: Mapping[str, Any]) -> str:
    def shown(name: str, value: object) -> str:
        address = picture_address(value)
        if address:
            return tag("img", src=address, alt=f"{name}, as it was sent", class_="om-thumb")
        return text(str(value)[:80])

    return ", ".join(shown(name, value) for name, value in list(fields.items())[:4])
