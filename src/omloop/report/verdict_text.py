"""The verdict without pictures: as Markdown, and as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omloop.report.markdown import escape_markdown, table
from omloop.report.verdict import MOVED, Verdict, error_lines, moved_lines, words_of

if TYPE_CHECKING:
    from rich.console import Group

Titled = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A table's title, its head and its rows."""


def verdict_markdown(verdict: Verdict) -> str:
    """The verdict in Markdown: all of the page but its pictures and charts."""
    parts = [f"# Verdict on {verdict.project}", f"**{escape_markdown(verdict.headline)}**", _about(verdict)]
    for title, head, rows in [*_tables(verdict), *_examples(verdict)]:
        cells = [[escape_markdown(words_of(cell)) for cell in row] for row in rows]
        parts.append(f"## {escape_markdown(title)}\n\n{table(head, cells)}")
    return "\n\n".join(parts) + "\n"


def verdict_terminal(verdict: Verdict) -> Group:
    """What Rich prints: the headline and the tables, without the examples."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    style = "bold red" if verdict.hurt.since else "bold yellow" if verdict.moved else "bold green"
    printed: list[Text | Table] = [Text(verdict.headline, style), Text(_about(verdict), "dim")]
    for title, head, rows in _tables(verdict):
        shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, title_style="bold")
        for name in head:
            shown.add_column(name, overflow="fold")
        for row in rows:
            shown.add_row(*(Text(words_of(cell)) for cell in row))
        printed.append(shown)
    return Group(*printed)


def _about(verdict: Verdict) -> str:
    return (
        f"Version {verdict.version}; the newest {verdict.rows:,} predictions, from {verdict.first} to {verdict.last}; "
        f"written {verdict.made}."
    )


def _tables(verdict: Verdict) -> list[Titled]:
    """Every table that holds anything: title, head and rows."""
    scores = [[name, str(tested), str(live)] for name, tested, live in verdict.hurt.scores]
    unusual = [[w.name, f"{w.rows:,}", f"{100 * w.inside:.0f} %", f"{100 * w.outside:.0f} %"] for w in verdict.unusual]
    wrong = [[w.name, f"{w.rows:,}", f"{w.inside:.3g}", f"{w.outside:.3g}"] for w in verdict.wrong]
    where = ["slice", "rows", "in it", "elsewhere"]
    tables: list[Titled] = [
        ("Does it hurt?", ["", "with its 95 % interval"], error_lines(verdict.hurt)),
        ("Metrics", ["metric", "in the test", "live"], scores),
        ("What moved", MOVED, moved_lines(verdict)),
        ("Where rows are unusual", where, unusual),
        (f"Where the {verdict.hurt.name} is larger", where, wrong),
    ]
    return [found for found in tables if found[2]]


def _examples(verdict: Verdict) -> list[Titled]:
    tables: list[Titled] = []
    for number, pair in enumerate(verdict.examples, start=1):
        truth = f", true {pair.truth}" if pair.truth else ""
        shown = [
            [name, words_of(value), words_of(pair.reference.get(name, "not kept"))] for name, value in pair.live.items()
        ]
        title = f"Unusual example {number}: answered {pair.answer}{truth}"
        tables.append((title, ["", "live", "nearest reference"], [*shown, *pair.columns]))
    return tables
