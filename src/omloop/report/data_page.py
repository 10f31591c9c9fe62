"""The data report as one web page: nothing fetched, light and dark, narrow and wide, and whole without its script.

The one script is the search for columns, see `data_columns`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from omloop.report.data_columns import LONGEST_WORD, STYLE, chart, column_links, columns_section
from omloop.report.data_report import MOST_WORDS, DataReport, nothing_odd
from omloop.report.page import whole_page

MOST_BYTES = 1_200_000
MOST_TEXT_BYTES = 250_000
"""The same for examples without pictures, which are long only where they have very many columns."""


def data_page(report: DataReport) -> str:
    """The report as a whole HTML page. It escapes all text from data, and shows previews as they are.

    To stay under 2 MB, the page leaves out previews beyond `MOST_BYTES`, evenly over their groups. Of texts and rows it
    leaves out those beyond `MOST_TEXT_BYTES`.
    """
    parts = "".join(_card(part, f'<p class="big">{count:,}</p>') for part, count in report.parts.items())
    targets = "".join(
        _card(part, chart(found, most=MOST_WORDS, longest=LONGEST_WORD)) for part, found in report.target.items()
    )
    title = f"Data of {report.project}"
    body = (
        f"<h1>{escape(title)}</h1><p>{escape(report.summary)}</p>"
        f'<p class="dim">{escape(report.source)}<br>fingerprint {escape(report.fingerprint)}</p>'
        f'<h2>Parts</h2><div class="cards">{parts}</div>'
        f"<h2>What is odd</h2>{_findings(report)}"
        f'<h2>What is to be predicted</h2><div class="cards">{targets}</div>'
        f"<h2>Examples</h2>{_previews(report.previews)}"
        f'<h2>Observed columns</h2><p class="dim">Of the training part.</p>'
        f"{columns_section(report.columns, report.findings)}"
    )
    return whole_page(title, body, style=STYLE)


def _card(title: str, content: str) -> str:
    return f'<section class="card"><h3>{escape(title)}</h3>{content}</section>'


def _findings(report: DataReport) -> str:
    if not report.findings:
        return f"<p>{nothing_odd(report)}</p>"
    return "".join(
        f'<p class="finding {found.severity}"><b>{escape(found.check)}</b> ({found.severity}): '
        f"{escape(found.message)}{column_links(found, report.columns)}</p>"
        for found in report.findings
    )


def _previews(previews: Mapping[str, Sequence[str]]) -> str:
    """The fragments by group; the groups open where they are few."""
    sections = []
    pictures = any("<img" in fragment for fragments in previews.values() for fragment in fragments)
    for name, fragments in _within(previews, MOST_BYTES if pictures else MOST_TEXT_BYTES).items():
        wide = "" if all(fragment.startswith("<img") for fragment in fragments) else " wide"
        cards = "".join(fragment if not wide else f'<div class="card">{fragment}</div>' for fragment in fragments)
        left_out = len(previews[name]) - len(fragments)
        more = f'<p class="dim">{left_out} more are too large to show here</p>' if left_out else ""
        opened = " open" if len(previews) <= 1 or not wide else ""
        sections.append(
            f"<details{opened}><summary>{escape(name)}</summary>"
            f'<div class="previews{wide}">{cards}</div>{more}</details>'
        )
    return "".join(sections)


def _within(previews: Mapping[str, Sequence[str]], most: int) -> dict[str, list[str]]:
    """As many fragments as fit in `most` bytes, taken from the groups in turn."""
    kept: dict[str, list[str]] = {name: [] for name in previews}
    for name, fragment in _in_turn(previews):
        most -= len(fragment.encode())
        if most < 0:
            break
        kept[name].append(fragment)
    return kept


def _in_turn(previews: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for place in range(max(map(len, previews.values()), default=0)):
        for name, fragments in previews.items():
            if place < len(fragments):
                yield name, fragments[place]
