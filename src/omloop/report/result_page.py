"""What came of a measurement, as one web page: numbers, curves and tables; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from omloop.report.line_chart import STYLE as CHART_STYLE
from omloop.report.line_chart import line_chart
from omloop.report.page import whole_page
from omloop.report.page_table import page_table

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
    """The whole HTML page, with all text escaped.

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
    body = (
        f'<h1>{escape(page.title)}</h1><p class="dim">{escape(page.about)}</p>{bad}<div class="cards">{cards}</div>'
        f"{charts}{''.join(map(_table, page.tables))}"
    )
    return whole_page(page.title, body, style=CHART_STYLE)


def _table(table: ResultTable) -> str:
    return f"<h2>{escape(table.title)}</h2>{page_table(table.head, table.rows)}"
