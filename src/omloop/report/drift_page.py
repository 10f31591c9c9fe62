"""What a watch told last, as one small web page: no script, nothing fetched; it is asked for again every minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from omloop.report.style import STYLE

AGAIN_S = 60
_ABOUT = {"time": "seen", "version": "version", "rows": "newest predictions", "labelled": "labels"}
MORE = """
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;color:var(--dim);font-weight:500}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
"""


def drift_page(told: Mapping[str, Any]) -> str:
    """The page about what a look told, as JSON values; what is not in it is left out. All text is escaped.

    >>> told = {"project": "imdb", "drift": False, "verdict": "no loss"}
    >>> "<h1>imdb: no column moved; no loss</h1>" in drift_page(told)
    True
    """
    title = f"{told.get('project', '')}: {_inputs(told)}; {told.get('verdict', '')}"
    about = " · ".join(f"{name} {_text(told[key])}" for key, name in _ABOUT.items() if key in told)
    broken = [_finding("Broken", one) for one in told.get("broken") or ()]
    action = [_finding("Action", told["action"], loud=False)] if told.get("action") else []
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="refresh" content="{AGAIN_S}">'
        f"<title>{escape(title)}</title><style>{STYLE}{MORE}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="dim">{escape(about)}</p>{"".join(broken + action)}'
        f"<h2>What moved</h2>{_moved(told)}<h2>Does it hurt?</h2>{_scores(told)}</body></html>\n"
    )


def _inputs(told: Mapping[str, Any]) -> str:
    if told.get("drift") is None:
        return "too few predictions for a verdict"
    moved = len(told.get("columns") or ())
    return f"{moved} column{'' if moved == 1 else 's'} moved" if told["drift"] else "no column moved"


def _moved(told: Mapping[str, Any]) -> str:
    names = ("column", "distance", "p_value", "effects")
    rows = [[_text(column.get(name)) for name in names] for column in told.get("columns") or ()]
    warned = ", ".join(map(str, told.get("warning") or ()))
    more = _finding("Warning", f"{warned}; not an alarm yet", loud=False) if warned else ""
    return (_table(["column", "distance", "p-value", "how"], rows) if rows else "<p>Nothing.</p>") + more


def _scores(told: Mapping[str, Any]) -> str:
    live, tested = told.get("live") or {}, told.get("tested") or {}
    rows = [[name, _estimate(tested[name]), _estimate(live.get(name))] for name in tested]
    if told.get("estimated_error"):
        rows.append(["error, estimated without labels", "", _estimate(told["estimated_error"])])
    return _table(["", "in the test", "live"], rows)


def _estimate(found: Mapping[str, Any] | None) -> str:
    return f"{_text(found['value'])} [{_text(found['low'])}, {_text(found['high'])}]" if found else "no labels"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items())
    return "unknown" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def _finding(what: str, text: object, *, loud: bool = True) -> str:
    of = "finding warning" if loud else "finding"
    return f'<p class="{of}"><b>{escape(what)}</b> {escape(str(text))}</p>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<div class="scroll"><table>{line("th", head)}{body}</table></div>'
