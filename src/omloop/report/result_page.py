"""What came of a measurement, as one web page: numbers, curves and tables; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from omloop.report.line_chart import STYLE as CHART_STYLE
from omloop.report.line_chart import line_chart
from omloop.report.style import STYLE

MORE = """
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;color:var(--dim);font-weight:500}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
"""
Lines = Mapping[tuple[int, str], Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class ResultTable:
    """A table under a heading."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ResultPage:
    """A page's title, a line about it, the `numbers` that matter most, and its curves and tables.

    `charts` are lines by the heading over them, as `line_chart` takes them. `bad` says in words what did not hold.
    """

    title: str
    about: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    charts: Mapping[str, Lines] = field(default_factory=dict)
    tables: Sequence[ResultTable] = ()
    bad: str = ""


def result_page(page: ResultPage) -> str:
    """The whole HTML page; all text is escaped.

    >>> "<h1>a &lt;b&gt;</h1>" in result_page(ResultPage("a <b>", ""))
    True
    """
    cards = "".join(
        f'<section class="card"><h3>{escape(name)}</h3><p class="big">{escape(value)}</p></section>'
        for name, value in page.numbers.items()
    )
    bad = f'<p class="finding warning"><b>Did not hold</b> {escape(page.bad)}</p>' if page.bad else ""
    charts = "".join(
        f"<h2>{escape(title)}</h2>{line_chart(title, lines, zero=True)}"
        for title, lines in page.charts.items()
        if any(lines.values())
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(page.title)}</title><style>{STYLE}{CHART_STYLE}{MORE}</style></head><body>"
        f'<h1>{escape(page.title)}</h1><p class="dim">{escape(page.about)}</p>{bad}<div class="cards">{cards}</div>'
        f"{charts}{''.join(map(_table, page.tables))}</body></html>\n"
    )


def _table(table: ResultTable) -> str:
    def line(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in table.rows)
    title = f"<h2>{escape(table.title)}</h2>"
    return f'{title}<div class="scroll"><table>{line("th", table.head)}{body}</table></div>'
