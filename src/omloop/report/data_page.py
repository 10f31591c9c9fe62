"""The data report as one web page: no script, nothing fetched, light and dark, narrow and wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from omloop.report.data_report import DataReport, Distribution, nothing_odd
from omloop.report.style import STYLE

MOST_BYTES = 1_200_000


def data_page(report: DataReport) -> str:
    """The report as a whole HTML page. All text from data is escaped; previews are shown as they are.

    Previews beyond `MOST_BYTES` are left out, evenly over their groups, so that the page stays under 2 MB.
    """
    parts = "".join(_card(part, f'<p class="big">{count:,}</p>') for part, count in report.parts.items())
    targets = "".join(_card(part, _chart(found)) for part, found in report.target.items())
    columns = "".join(_card(column.name, _chart(column)) for column in report.columns)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Data of {escape(report.project)}</title><style>{STYLE}</style></head><body>"
        f"<h1>Data of {escape(report.project)}</h1><p>{escape(report.summary)}</p>"
        f'<p class="dim">{escape(report.source)}<br>fingerprint {escape(report.fingerprint)}</p>'
        f'<h2>Parts</h2><div class="cards">{parts}</div>'
        f"<h2>What is odd</h2>{_findings(report)}"
        f'<h2>What is to be predicted</h2><div class="cards">{targets}</div>'
        f"<h2>Examples</h2>{_previews(report.previews)}"
        f'<h2>Observed columns</h2><p class="dim">Of the training part.</p><div class="cards">{columns}</div>'
        "</body></html>\n"
    )


def _card(title: str, content: str) -> str:
    return f'<section class="card"><h3>{escape(title)}</h3>{content}</section>'


def _findings(report: DataReport) -> str:
    if not report.findings:
        return f"<p>{nothing_odd(report)}</p>"
    return "".join(
        f'<p class="finding {found.severity}"><b>{escape(found.check)}</b> ({found.severity}): '
        f"{escape(found.message)}</p>"
        for found in report.findings
    )


def _chart(found: Distribution) -> str:
    """A histogram of a number, or one bar a word."""
    missing = f'<p class="dim">{found.missing:,} missing</p>' if found.missing else ""
    if not found.cells:
        return f'<p class="dim">no value</p>{missing}'
    most = max(1, *(count for _, count in found.cells))
    if not found.numbers:
        rows = (
            f'<span>{escape(label)}</span><i style="width:{100 * count / most:.1f}%"></i><span>{count:,}</span>'
            for label, count in found.cells
        )
        return f'<div class="bars">{"".join(rows)}</div>{missing}'
    told = {name: found.tell(value) for name, value in found.numbers.items()}
    return (
        f'{_histogram(found, most)}<p class="ends dim"><span>{told["low"]}</span><span>{told["high"]}</span></p>'
        f'<p class="dim">median {told["median"]}, mean {told["mean"]}</p>{missing}'
    )


def _histogram(found: Distribution, most: int) -> str:
    bars = "".join(
        f'<rect x="{index}.05" width=".9" y="{100 - 100 * count / most:.2f}" height="{100 * count / most:.2f}">'
        f"<title>{escape(label)}: {count:,}</title></rect>"
        for index, (label, count) in enumerate(found.cells)
    )
    label = escape(f"histogram of {found.name}", quote=True)
    return (
        f'<svg viewBox="0 0 {len(found.cells)} 100" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f"{bars}</svg>"
    )


def _previews(previews: Mapping[str, Sequence[str]]) -> str:
    """The fragments by group; the groups open where they are few."""
    sections = []
    for name, fragments in _within(previews, MOST_BYTES).items():
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
