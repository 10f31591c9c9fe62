"""How sure a version may be: whether its intervals held in the test, or how right it was by how sure it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omloop.ui.parts.markup import Html, estimate, number, table, text

SIDE, EDGE = 220, 26
"""The plot's side and the room for its words, in pixels."""
SCORES = (
    ("expected calibration error", "calibration_error"),
    ("Brier score", "brier"),
    ("log loss", "log_loss"),
    ("mean confidence", "sure"),
    ("share of right answers", "right"),
)


def confidence_section(told: Mapping[str, Any]) -> Html:
    """The part of a version's page; nothing for a version of an older omloop."""
    found = told.get("confidence")
    if not found:
        return ""
    return "<h2>How sure it may be</h2>" + (_probabilities(found) if found.get("after") else _interval(found, told))


def _interval(found: Mapping[str, Any], told: Mapping[str, Any]) -> Html:
    if not found.get("coverage"):
        return f"<p>Its answers carry no interval. {text(found['why'])}</p>"
    unit = text(told["outputs"].get("unit") or "")
    promised = f"{100 * found['level']:.3g} %"
    words = f"Each answer carries an interval that holds the truth in {promised} of cases. {text(found['why'])}"
    rows = [
        ["promised", promised],
        [f"within it, of {found['rows']:,} test rows", estimate(found["coverage"])],
        ["mean width", f"{number(found['width'])} {unit}"],
    ]
    return f"<p>{words}</p>" + table(["what", "value"], rows, caption="the interval in the test")


def _probabilities(found: Mapping[str, Any]) -> Html:
    how = f"Its probabilities are calibrated: {found['about']}." if found["about"] else "Its probabilities are as made."
    told = [found["before"], found["after"]] if found["about"] and found.get("before") else [found["after"]]
    rows = [[name, *(_score(one[key]) for one in told)] for name, key in SCORES]
    chance = found.get("by_chance")
    more = "" if chance is None else f"<p>Chance alone gives a calibration error of {chance:.3f} on so many rows.</p>"
    head = [f"on {found['rows']:,} test rows", *["before"] * (len(told) - 1), "as served"]
    bins: Sequence[Mapping[str, Any]] = found["bins"]
    listed = [
        [f"{one['low']:.2f} to {one['high']:.2f}", f"{one['rows']:,}", _score(one["sure"]), _score(one["right"])]
        for one in bins
    ]
    return (
        f"<p>{text(how)} {text(found['why'])}</p>"
        + table(head, rows, caption="calibration in the test", numbers=(1, 2))
        + more
        + _plot(bins)
        + "<details><summary>The bins as a table</summary>"
        + table(["confidence", "rows", "mean", "right"], listed, caption="right by sure", numbers=(1, 2, 3))
        + "</details>"
    )


def _score(value: float | None) -> Html:
    return "" if value is None else f"{value:.3f}"


def _plot(bins: Sequence[Mapping[str, Any]]) -> Html:
    """How often it was right by how sure it was, a dot a bin; a trustworthy model has all dots on the line."""
    whole = SIDE + 2 * EDGE

    def at(sure: float, right: float) -> tuple[float, float]:
        return EDGE + SIDE * sure, EDGE + SIDE * (1 - right)

    places = [at(one["sure"], one["right"]) for one in bins]
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="var(--accent)"/>' for x, y in places)
    words = "; ".join(f"sure {one['sure']:.2f}, right {one['right']:.2f}" for one in bins)
    return (
        f'<svg viewBox="0 0 {whole} {whole}" width="{whole}" height="{whole}" role="img" '
        f'aria-label="{text("Right by sure: " + words)}" style="max-width:100%;height:auto">'
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="var(--line)"/>'
        f'<path d="M{EDGE} {EDGE + SIDE} L{EDGE + SIDE} {EDGE}" stroke="var(--dim)" stroke-dasharray="4 4"/>{dots}'
        f'<text x="{EDGE + SIDE / 2}" y="{whole - 6}" text-anchor="middle" font-size="12" fill="var(--dim)">'
        f"how sure it said it was</text>"
        f'<text x="14" y="{EDGE + SIDE / 2}" text-anchor="middle" font-size="12" fill="var(--dim)" '
        f'transform="rotate(-90 14 {EDGE + SIDE / 2})">how often it was right</text></svg>'
    )
