"""Each observed column: what it held in training, what it holds live, and how far these are apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nicegui import ui

from omloop.ui.pages.unusual import unusual
from omloop.ui.parts.markup import badge, moment, number, table, text

if TYPE_CHECKING:
    from omloop.ui.visit import Visit

SHOWN_COLUMNS = 40
MOST_CELLS = 12


async def show_columns(visit: Visit) -> None:
    """Each column, the one that differs most first, and then the most unusual of what came in."""
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
    ui.html(unusual(told.get("unusual") or ()), sanitize=False)


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
    """A pair of bars over each other; pointing at them shows their numbers."""
    told = f"{one['label']}: {100 * one['reference']:.1f} % learned from, {100 * one['live']:.1f} % live"

    def bar(style: str, share: float) -> str:
        height = 46 * share / most
        return f'<rect class="{style}" width="{width - 1}" y="{48 - height:.1f}" height="{height:.1f}"/>'

    pair = bar("om-ref", one["reference"]) + bar("om-liv", one["live"])
    return f'<g transform="translate({at * width},0)"><title>{text(told)}</title>{pair}</g>'


def _is_ordered(cells: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the cells are ranges of a number, which keep their order."""
    return any(sign in str(one["label"]) for one in cells[:2] for sign in ("≤", "<", " to ", "…", ".."))
