"""The verdict as one web page: no script, nothing fetched, light and dark, narrow and wide, always under 1 MB."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from omloop.report.style import STYLE
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
MOST_CHARTS, MOST_CELLS = 12, 20
MORE = """
:root{--live:#d1603d}@media(prefers-color-scheme:dark){:root{--live:#f08e6c}}
.verdict{border-left:5px solid var(--bar);padding:.8rem 1rem;background:var(--card);border-radius:.4rem;margin:1rem 0;
font-size:1.1rem;font-weight:600}
.verdict.moved{border-color:var(--live)}
.scroll{overflow-x:auto;overflow-wrap:normal}table{border-collapse:collapse;width:100%;font-size:.9rem}
.wide table{min-width:46rem}
th{text-align:left;color:var(--dim);font-weight:500}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.cells{display:grid;grid-template-columns:fit-content(45%) 1fr 3.2rem;gap:.1rem .5rem;font-size:.78rem;
align-items:center;margin-top:.5rem}
.cells i{display:block;height:.42rem;border-radius:.15rem;background:var(--bar);min-width:1px}
.cells i+i{background:var(--live);margin-top:1px}
.cells span:nth-child(3n){text-align:right;font-variant-numeric:tabular-nums}
.key i{display:inline-block;width:.8rem;height:.6rem;border-radius:.15rem;background:var(--bar);margin:0 .3rem 0 .8rem}
.key i:first-child{margin-left:0}.key i.live{background:var(--live)}
.pairs{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.two{display:grid;grid-template-columns:1fr 1fr;gap:.7rem;margin:.5rem 0}
.two img{width:100%;max-width:9rem;border-radius:.3rem;display:block}.two p{font-size:.85rem}
.card table{font-size:.8rem}.card td,.card th{padding:.15rem .5rem .15rem 0}
.card .scroll{overflow-wrap:anywhere}.card td.n{white-space:normal}
"""


def verdict_page(verdict: Verdict) -> str:
    """The verdict as a whole HTML page. All text from data is escaped.

    Examples that do not fit into 1 MB are left out, the least unusual first.
    """
    title = f"Verdict on {verdict.project}"
    loud = " moved" if verdict.moved or verdict.hurt.since else ""
    head = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{MORE}</style></head><body>"
        f"<h1>{escape(title)}</h1>"
        f'<p class="dim">version {escape(verdict.version)}; the newest {verdict.rows:,} predictions, '
        f"from {escape(verdict.first)} to {escape(verdict.last)}; written {escape(verdict.made)}</p>"
        f'<p class="verdict{loud}">{escape(verdict.headline)}</p>'
        f"<h2>Does it hurt?</h2>{_hurt(verdict)}"
        f"<h2>What moved</h2>{_moved(verdict)}"
        f"<h2>Where</h2>{_where(verdict)}"
    )
    cards, left = [], MOST_BYTES - len(head.encode())
    for card in map(_pair, verdict.examples):
        left -= len(card.encode())
        if left >= 0:
            cards.append(card)
    told = (
        "The live examples furthest from all that the reference sample holds, each beside the nearest one; distances "
        "are in units of what one in twenty reference examples exceeds."
        if cards
        else "There is none to show: the bundle holds no sample, or no prediction came."
    )
    return (
        f'{head}<h2>The most unusual examples</h2><p class="dim">{told}</p><div class="pairs">{"".join(cards)}</div>'
        "</body></html>\n"
    )


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
    """Two bars a cell: those of a number, or the words whose shares changed the most."""
    changed = sorted(column.cells, key=lambda cell: -abs(cell[2] - cell[1]))[:MOST_CELLS]
    cells = [cell for cell in column.cells if cell in changed]
    most = max((share for _, *shares in cells for share in shares), default=0.0) or 1.0
    bars = "".join(
        f'<span>{escape(words_of(label)[:40])}</span><b><i style="width:{100 * before / most:.1f}%"></i>'
        f'<i style="width:{100 * live / most:.1f}%"></i></b><span>{100 * live:.1f} %</span>'
        for label, before, live in cells
    )
    return f'<section class="card"><h3>{escape(column.column[:80])}</h3><div class="cells">{bars}</div></section>'


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
    table = _table(["", "live", "reference"], rows, numbers=(1, 2))
    return f'<section class="card">{head}{about}{shown}{table}</section>'


def _glimpse(title: str, shown: Mapping[str, object]) -> str:
    value = next(iter(shown.values()), "not kept")
    media_type = picture_type(value)
    content = f"<p>{escape(words_of(value))}</p>"
    if media_type:
        content = f'<img src="data:{media_type};base64,{escape(str(value))}" alt="{escape(title)}">'
    return f'<div><p class="dim">{escape(title)}</p>{content}</div>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: tuple[int, ...] = ()) -> str:
    def cells(tag: str, line: Sequence[str]) -> str:
        of = ' class="n"'
        return "".join(
            f"<{tag}{of if index in numbers else ''}>{escape(words_of(cell))}</{tag}>"
            for index, cell in enumerate(line)
        )

    body = "".join(f"<tr>{cells('td', line)}</tr>" for line in rows)
    wide = " wide" if len(head) > 4 else ""
    return f'<div class="scroll{wide}"><table><tr>{cells("th", head)}</tr>{body}</table></div>'
