"""The explanation of an answer: a bar for each piece of the input, to the right for more and to the left for less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omloop.core import number_text
from omloop.ui.parts.markup import Html, tag, text

MOST = 8
"""Pieces that have a line of their own; the others share one."""
UNSEEN = 0.005
"""Standard errors, as a share of the largest contribution, that nobody would see in the bars."""


def draw_explanation(found: Mapping[str, Any]) -> Html:
    """The contributions to one answer, the largest first; a line where there are none, nothing where nobody asked."""
    told = found.get("explanation")
    if not told:
        why = found.get("unexplained")
        return f'<p class="om-dim">What it hangs on is not known: {text(why)}.</p>' if why else ""
    parts = told["contributions"]
    largest = max((abs(one["value"]) for one in parts), default=0.0) or 1.0
    rows = [_line(_title(one), one["given"], one["value"], largest) for one in parts[:MOST]]
    if rest := parts[MOST:]:
        rows.append(_line(f"{len(rest)} others together", None, sum(one["value"] for one in rest), largest))
    of = f"the chance of {text(told['of'])}" if told["probability"] else "the answer"
    base = _number(told["base"], max(largest, abs(told["base"]) / 100))
    about = f"Without them {of} would be {base}, as it is on average. Each adds to that, or takes from it."
    return (
        f'<h3>What it hangs on</h3><p class="om-hint">{about}</p>'
        f'<ul class="om-bars om-signed" aria-label="what the answer hangs on">{"".join(rows)}</ul>{_how(told, parts)}'
    )


def _line(name: str, given: object, value: float, largest: float) -> Html:
    held = "" if given is None else f" <small>{text(_words(given))}</small>"
    share = 50 * min(1.0, abs(value) / largest)
    style = f"--from:{50 - share if value < 0 else 50:.2f}%;--to:{50 if value < 0 else 50 + share:.2f}%"
    sign = "down" if value < 0 else "up"
    words = ("+" if value > 0 else "") + _number(value, largest)
    return f"<li><span>{text(name)}{held}</span>{tag('i', class_=f'om-{sign}', style=style)}<b>{words}</b></li>"


def _how(told: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> Html:
    error, largest = max(one["error"] for one in parts), max(abs(one["value"]) for one in parts)
    if told["exact"] or error < UNSEEN * largest:
        return ""
    return f'<p class="om-dim">From a sample of orders; one standard error is {_number(error, error)} at most.</p>'


def _title(piece: Mapping[str, Any]) -> str:
    """The name of a piece: for a column, the name in the form; for words, the words themselves."""
    name = str(piece["name"])
    return name if piece["given"] is None else f"{name[:1].upper()}{name[1:]}".replace("_", " ")


def _words(given: object) -> str:
    """What a piece holds.

    >>> _words(0.30000001), _words(True), _words("Delft")
    ('0.3', 'yes', 'Delft')
    """
    if isinstance(given, bool):
        return "yes" if given else "no"
    return f"{given:.4g}" if isinstance(given, float) else str(given)


def _number(value: float, size: float) -> str:
    return text(number_text(value, size))
