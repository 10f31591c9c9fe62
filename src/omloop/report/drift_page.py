"""The last result of a watch, as one small web page: no script, no other file, and a reload every minute."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from omloop.report.page import whole_page
from omloop.report.page_table import page_table

AGAIN_S = 60
_ABOUT = {"time": "seen", "version": "version", "rows": "newest predictions", "labelled": "labels"}
MOST_EFFECTS = 6
"""The page shows at most so many effects of one column, the largest; `/v1/drift` has them all as JSON."""


def drift_page(told: Mapping[str, Any]) -> str:
    """The page about the result of a look, given as JSON values; missing values drop out. It escapes all text.

    >>> told = {"project": "imdb", "drift": False, "verdict": "no loss"}
    >>> "<h1>imdb: no column moved; no loss</h1>" in drift_page(told)
    True
    """
    title = f"{told.get('project', '')}: {_inputs(told)}; {told.get('verdict', '')}"
    about = " · ".join(f"{name} {_text(told[key])}" for key, name in _ABOUT.items() if key in told)
    broken = [_finding("Broken", one) for one in told.get("broken") or ()]
    action = [_finding("Action", told["action"], loud=False)] if told.get("action") else []
    body = (
        f'<h1>{escape(title)}</h1><p class="dim">{escape(about)}</p>{"".join(broken + action)}'
        f"<h2>What moved</h2>{_moved(told)}<h2>Does it hurt?</h2>{_scores(told)}"
    )
    return whole_page(title, body, head=f'<meta http-equiv="refresh" content="{AGAIN_S}">')


def _inputs(told: Mapping[str, Any]) -> str:
    if told.get("drift") is None:
        return "too few predictions for a verdict"
    moved = len(told.get("columns") or ())
    return f"{moved} column{'' if moved == 1 else 's'} moved" if told["drift"] else "no column moved"


def _moved(told: Mapping[str, Any]) -> str:
    rows = [
        [*(_text(column.get(name)) for name in ("column", "distance", "p_value")), _effects(column.get("effects"))]
        for column in told.get("columns") or ()
    ]
    head = ("column", "distance", "p-value", "how")
    moved = page_table(head, rows, numbers=(1, 2)) if rows else "<p>Nothing.</p>"
    warned = ", ".join(map(str, told.get("warning") or ()))
    return moved + (_finding("Warning", f"{warned}; not an alarm yet", loud=False) if warned else "")


def _scores(told: Mapping[str, Any]) -> str:
    live, tested = told.get("live") or {}, told.get("tested") or {}
    rows = [[name, _estimate(tested[name]), _estimate(live.get(name))] for name in tested]
    if told.get("estimated_error"):
        rows.append(["error, estimated without labels", "", _estimate(told["estimated_error"])])
    return page_table(("", "in the test", "live"), rows)


def _estimate(found: Mapping[str, Any] | None) -> str:
    return f"{_text(found['value'])} [{_text(found['low'])}, {_text(found['high'])}]" if found else "no labels"


def _effects(found: Mapping[str, float | None] | None) -> str:
    """By how much a column moved; for several tested together, those that moved the most."""
    effects = dict(found or {})
    largest = sorted(effects, key=lambda name: -abs(effects[name] or 0.0))[:MOST_EFFECTS]
    more = len(effects) - len(largest)
    told = ", ".join(f"{name} {_text(value)}" for name, value in effects.items() if name in largest)
    return f"{told} and {more} more, smaller" if more else told


def _text(value: object) -> str:
    return "unknown" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def _finding(what: str, text: object, *, loud: bool = True) -> str:
    of = "finding warning" if loud else "finding"
    return f'<p class="{of}"><b>{escape(what)}</b> {escape(str(text))}</p>'
