"""The most unusual live inputs, each beside the nearest example that the model learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omloop.ui.parts.markup import Html, table, text
from omloop.ui.parts.pictures import picture_address


def unusual(pairs: Sequence[Mapping[str, Any]]) -> Html:
    """A card for each pair; nothing where there are none."""
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
