"""The verdict as one web page: no script, nothing fetched, light and dark, narrow and wide, always under 1 MB."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from omloop.report.page import whole_page
from omloop.report.page_table import page_table, soft_breaks
from omloop.report.verdict import (
    MOVED,
    MovedColumn,
    Pair,
    Verdict,
    Where,
    error_lines,
    moved_lines,
    picture_type,
    words_of,
)

MOST_BYTES = 900_000
MOST_CHARTS, MOST_CELLS, MOST_WORDS = 12, 24, 10
LONGEST_LABEL = 60
Cell = tuple[str, float, float]
"""A label, the share of the reference and that of the live rows."""
MORE = """
:root{--live:#d1603d}@media(prefers-color-scheme:dark){:root{--live:#f08e6c}}
.verdict{border-left:5px solid var(--bar);padding:.8rem 1rem;background:var(--card);border-radius:.4rem;margin:1rem 0;
font-size:1.1rem;font-weight:600}
.verdict.moved{border-color:var(--live)}
.cells{display:grid;grid-template-columns:fit-content(40%) 1fr 2.9rem 2.9rem;gap:.1rem .4rem;font-size:.78rem;
align-items:center;margin-top:.5rem}
.cells i{display:block;height:.42rem;border-radius:.15rem;background:var(--bar);min-width:1px}
.cells i+i{background:var(--live);margin-top:1px}
.cells :is(b+span,b+span+span){text-align:right;font-variant-numeric:tabular-nums}
.cells.words{grid-template-columns:1fr 2.9rem 2.9rem}.cells.words span:has(+b){grid-column:1/-1}
.key i{display:inline-block;width:.8rem;height:.6rem;border-radius:.15rem;background:var(--bar);margin:0 .3rem 0 .8rem}
.key i:first-child{margin-left:0}.key i.live{background:var(--live)}
.pairs{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.two{display:grid;grid-template-columns:1fr 1fr;gap:.7rem;margin:.5rem 0}
.two img{width:100%;max-width:9rem;border-radius:.3rem;display:block}.two p{font-size:.85rem}
.card table{font-size:.8rem}.card :is(th,td){padding:.15rem .5rem .15rem 0}
"""


def verdict_page(verdict: Verdict) -> str:
    """The verdict as a whole HTML page. It escapes all text from data.

    It leaves out examples that do not fit into 1 MB, the least unusual first.
    """
    title = f"Verdict on {verdict.project}"
    loud = " moved" if verdict.moved or verdict.hurt.since else ""
    head = (
        f"<h1>{escape(title)}</h1>"
        f'<p class="dim">version {escape(verdict.version)}; the newest {verdict.rows:,} predictions, '
        f"from {escape(verdict.first)} to {escape(verdict.last)}; written {escape(verdict.made)}</p>"
        f'<p class="verdict{loud}">{soft_breaks(verdict.headline)}</p>'
        f"<h2>Does it hurt?</h2>{_hurt(verdict)}"
        f"<h2>What moved</h2>{_moved(verdict)}"
        f"<h2>Where</h2>{_where(verdict)}"
    )
    return whole_page(title, f"{head}<h2>The most unusual examples</h2>{_examples(verdict.examples, head)}", style=MORE)


def _examples(examples: Sequence[Pair], head: str) -> str:
    """The cards that fit into the page behind `head`."""
    cards, left = [], MOST_BYTES - len(head.encode())
    for card in map(_pair, examples):
        left -= len(card.encode())
        if left >= 0:
            cards.append(card)
    told = (
        "The live examples furthest from all that the reference sample holds, each beside the nearest one; distances "
        "are in units of what one in twenty reference examples exceeds."
        if cards
        else "There is none to show: the bundle holds no sample, or no prediction came."
    )
    return f'<p class="dim">{told}</p><div class="pairs">{"".join(cards)}</div>'


def _hurt(verdict: Verdict) -> str:
    scores = [[name, str(tested), str(live)] for name, tested, live in verdict.hurt.scores]
    more = _table(["metric", "in the test", "live"], scores) if scores else ""
    return _table(["", "with its 95 % interval"], [[*line] for line in error_lines(verdict.hurt)]) + more


def _nothing(verdict: Verdict) -> str:
    if not verdict.judged:
        return "There are too few rows to tell."
    return f"Nothing that rings. {escape(verdict.warned.capitalize())}." if verdict.warned else "Nothing."


def _moved(verdict: Verdict) -> str:
    if not verdict.moved:
        return f"<p>{_nothing(verdict)}</p>"
    table = _table(MOVED, [[*line] for line in moved_lines(verdict)], numbers=(1, 2, 3))
    charts = "".join(_chart(column) for column in verdict.moved[:MOST_CHARTS] if column.cells)
    return (
        f'<p>{len(verdict.moved)} of {verdict.columns} columns.</p>{table}<p class="dim key">'
        f'<i></i>reference<i class="live"></i>live</p><div class="cards">{charts}</div>'
    )


def _chart(column: MovedColumn) -> str:
    """Two bars a cell: all cells of a number in their order, of words those whose shares changed the most."""
    words = column.words or len(column.cells) > MOST_CELLS
    cells, others = _changed_most(column.cells) if words else (column.cells, "")
    most = max((share for _, *shares in cells for share in shares), default=0.0) or 1.0
    bars = "".join(_bars(cell, most) for cell in cells)
    of = "cells words" if words else "cells"
    head = f"<h3>{soft_breaks(column.column[:80])}</h3>"
    return f'<section class="card">{head}<div class="{of}">{bars}</div>{others}</section>'


def _bars(cell: Cell, most: float) -> str:
    label, before, live = cell
    bars = "".join(f'<i style="width:{100 * share / most:.1f}%"></i>' for share in (before, live))
    name = soft_breaks(words_of(label)[:LONGEST_LABEL])
    return f"<span>{name}</span><b>{bars}</b><span>{_share(before)}</span><span>{_share(live)}</span>"


def _changed_most(cells: Sequence[Cell]) -> tuple[Sequence[Cell], str]:
    """The cells whose shares changed the most, the most first, and what there is to say of all others."""
    first = sorted(cells, key=lambda cell: -abs(cell[2] - cell[1]))
    shown, left = first[:MOST_WORDS], first[MOST_WORDS:]
    if not left:
        return shown, ""
    before, live = sum(before for _, before, _ in left), sum(live for _, _, live in left)
    words = "1 other cell holds" if len(left) == 1 else f"{len(left):,} other cells hold"
    return shown, f'<p class="dim">{words} {_share(before)} of the reference and {_share(live)} of the live rows.</p>'


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def _where(verdict: Verdict) -> str:
    told = [
        ("Rows that are unusual", verdict.unusual, lambda share: f"{100 * share:.0f} %"),
        (f"{verdict.hurt.name.capitalize()}, where labels came", verdict.wrong, lambda mean: f"{mean:.3g}"),
    ]
    parts = [
        f"<h3>{escape(title)}</h3>"
        + _table(["slice", "rows", "in it", "elsewhere"], _lines(found, of), numbers=(1, 2, 3))
        for title, found, of in told
        if found
    ]
    return "".join(parts) or "<p>No slice stands out.</p>"


def _lines(found: Sequence[Where], of: Callable[[float], str]) -> list[list[str]]:
    return [[where.name, f"{where.rows:,}", of(where.inside), of(where.outside)] for where in found]


def _pair(pair: Pair) -> str:
    truth = f", true {pair.truth}" if pair.truth else ""
    head = f"<h3>{escape(words_of(pair.answer))}{escape(truth)}</h3>"
    about = f'<p class="dim">{escape(pair.time)}; distance {pair.distance:.1f}</p>'
    shown = ""
    if pair.live:
        shown = f'<div class="two">{_glimpse("live", pair.live)}{_glimpse("nearest reference", pair.reference)}</div>'
    rows = [list(column) for column in pair.columns]
    table = _table(["", "live", "reference"], rows, numbers=(1, 2), even=True)
    return f'<section class="card">{head}{about}{shown}{table}</section>'


def _glimpse(title: str, shown: Mapping[str, object]) -> str:
    value = next(iter(shown.values()), "not kept")
    media_type = picture_type(value)
    content = f"<p>{escape(words_of(value))}</p>"
    if media_type:
        content = f'<img src="data:{media_type};base64,{escape(str(value))}" alt="{escape(title)}">'
    return f'<div><p class="dim">{escape(title)}</p>{content}</div>'


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], numbers: tuple[int, ...] = (), *, even: bool = False
) -> str:
    return page_table(head, [[*map(words_of, row)] for row in rows], numbers=numbers, even=even)
