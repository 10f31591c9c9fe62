"""Runs beside each other as one web page: no script, nothing fetched, light and dark, narrow and wide."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

from omloop.report.comparison import APART, Cells, Comparison, Curves, Scores, difference, score_text
from omloop.report.line_chart import STYLE as CHART_STYLE
from omloop.report.line_chart import line_chart
from omloop.report.page import whole_page
from omloop.report.page_table import page_table

MOST_PLOT_BYTES = 8_000_000
MOST_PATCH = 60_000
MACHINE = {"cpu_percent": "CPU, % of one core", "memory_mb": "memory, MB"}
MORE = """
.charts{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,28rem),1fr))}
.beside{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));margin-bottom:1.2rem}
.beside img{width:100%;border-radius:.3rem;display:block;background:#fff}.beside p{margin:0 0 .3rem}
pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;overflow-x:auto;
font-size:.8rem;line-height:1.35;overflow-wrap:normal;max-height:32rem}
"""


def comparison_page(found: Comparison) -> str:
    """The comparison as a whole HTML page, with all text escaped.

    It names plots beyond `MOST_PLOT_BYTES` together without showing them, and says how much of a long patch it cut off.
    """
    title = f"Runs of {found.project}"
    notes = "".join(f'<p class="finding warning">{escape(note)}</p>' for note in found.notes)
    body = (
        f"<h1>{escape(title)}</h1>{notes}{_table(found.labels, found.about)}"
        f"<h2>Metrics</h2>{_scores(found.labels, found.metrics)}"
        f"<h2>Models, {escape(found.metric or 'scores')} on the validation part</h2>"
        f"{_scores(found.labels, found.models)}"
        f"<h2>Configuration that differs</h2>{_table(found.labels, found.settings)}"
        f"<h2>Data</h2>{_table(found.labels, found.data)}"
        f"<h2>Code</h2>{_table(found.labels, found.code)}{_patches(found)}"
        f"<h2>Packages that differ</h2>{_table(found.labels, found.packages)}"
        f"<h2>Training, by step</h2>{_charts(found.curves)}"
        f"<h2>CPU, memory and GPU, by seconds</h2>{_charts(found.machine, zero=True)}"
        f"<h2>Plots</h2>{_plots(found)}"
    )
    return whole_page(title, body, style=f"{CHART_STYLE}{MORE}")


def _table(labels: Cells, rows: Mapping[str, Cells]) -> str:
    return _grid(labels, [[name, *cells] for name, cells in rows.items()])


def _scores(labels: Cells, rows: Mapping[str, Scores]) -> str:
    first, *others = labels
    head = [*labels, *(f"{other} - {first}" for other in others)]
    body = [
        [name, *map(score_text, scores), *(difference(scores[0], other) for other in scores[1:])]
        for name, scores in rows.items()
    ]
    legend = (
        f'<p class="dim">{APART}</p>' if any("*" in cell for row in body for cell in row[len(labels) + 1 :]) else ""
    )
    return _grid(head, body) + legend


def _grid(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    if not body:
        return "<p>Nothing.</p>"
    return page_table(["", *head], body)


def _charts(charts: Curves, *, zero: bool = False) -> str:
    if not charts:
        return "<p>Nothing was recorded.</p>"
    cards = "".join(
        f'<section class="card"><h3>{escape(MACHINE.get(title, title))}</h3>{line_chart(title, lines, zero=zero)}'
        "</section>"
        for title, lines in charts.items()
    )
    return f'<div class="charts">{cards}</div>'


def _plots(found: Comparison) -> str:
    """The plots of one name beside each other."""
    left, parts = MOST_PLOT_BYTES, []
    for name, pictures in found.plots.items():
        left -= sum(len(picture or b"") for picture in pictures)
        if left < 0:
            shown = '<p class="dim">too large to show here</p>'
        else:
            cards = zip(found.labels, pictures, strict=True)
            shown = f'<div class="beside">{"".join(_picture(name, label, one) for label, one in cards)}</div>'
        parts.append(f"<h3>{escape(name.removeprefix('plots/'))}</h3>{shown}")
    return "".join(parts) or "<p>No run keeps a plot.</p>"


def _picture(name: str, label: str, picture: bytes | None) -> str:
    alt = escape(f"{name} of {label}", quote=True)
    shown = "<p>none</p>"
    if picture is not None:
        shown = f'<img src="data:image/png;base64,{b64encode(picture).decode()}" alt="{alt}">'
    return f'<div class="card"><p class="dim">{escape(label)}</p>{shown}</div>'


def _patches(found: Comparison) -> str:
    return "".join(
        f"<details><summary>Uncommitted changes of {escape(label)}</summary><pre>{escape(_cut(patch))}</pre></details>"
        for label, patch in zip(found.labels, found.patches, strict=False)
        if patch
    )


def _cut(patch: str) -> str:
    if len(patch) <= MOST_PATCH:
        return patch
    return f"{patch[:MOST_PATCH]}\n... and {len(patch) - MOST_PATCH:,} characters more, in the run's diff.patch"
