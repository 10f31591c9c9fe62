"""Tables of pages that cut nothing off: long names break where they may, and narrow tables stand row by row."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import escape

MOST_SIDE_BY_SIDE = 3
"""So many columns fit beside each other on a phone; of a table of more each row becomes a block of lines there."""
_LONG = re.compile(r"\S{17,}")
_MAY_BREAK = re.compile(r"(?<=[_/+=.:-])(?=[^\W\d])")
STYLE = """
.table{overflow-x:auto;container-type:inline-size;margin:.2rem 0 .6rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;color:var(--dim);font-weight:500}
th,td{padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top;min-width:5.5rem;
overflow-wrap:anywhere}
:is(th,td):first-child{min-width:6.4rem}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap;min-width:3.5rem;font-variant-numeric:tabular-nums}
.even table{table-layout:fixed}.even :is(th,td){min-width:0;white-space:normal}.even :is(th,td):first-child{width:42%}
@container(max-width:38rem){
.rows thead{display:none}.rows :is(table,tbody,tr,td){display:block}
.rows tr{border-bottom:1px solid var(--line);padding:.5rem 0}
.rows td{border:0;padding:.1rem 0;min-width:0;text-align:left;white-space:normal}
.rows td:first-child{font-weight:600}.rows td:empty{display:none}
.rows td:not(:first-child,:empty){display:grid;grid-template-columns:minmax(6rem,32%) minmax(0,1fr);gap:.6rem}
.rows td:not(:first-child,:empty)::before{content:attr(data-of);color:var(--dim)}
}
"""


def page_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Collection[int] = (), even: bool = False
) -> str:
    """A table of HTML, with all text escaped. The columns whose places are `numbers` stand to the right.

    A table of more than `MOST_SIDE_BY_SIDE` columns stands row by row where the room is narrow. The columns of an
    `even` table keep their widths whatever is in them, as in a card.
    """
    of = "table even" if even else "table rows" if len(head) > MOST_SIDE_BY_SIDE else "table"
    top = "".join(
        f'<th scope="col"{_number(place, numbers)}>{soft_breaks(name)}</th>' for place, name in enumerate(head)
    )
    body = "".join(f"<tr>{_cells(head, row, numbers, labels=of.endswith('rows'))}</tr>" for row in rows)
    return f'<div class="{of}" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def soft_breaks(text: str) -> str:
    """The text, escaped, with places where a long word may go on in the next line.

    >>> soft_breaks("hours_of_sleep_on_school_days <b>")
    'hours_<wbr>of_<wbr>sleep_<wbr>on_<wbr>school_<wbr>days &lt;b&gt;'
    """
    parts, place = [], 0
    for word in _LONG.finditer(text):
        parts += [escape(text[place : word.start()]), "<wbr>".join(map(escape, _MAY_BREAK.split(word.group())))]
        place = word.end()
    return "".join(parts) + escape(text[place:])


def _cells(head: Sequence[str], row: Sequence[str], numbers: Collection[int], *, labels: bool) -> str:
    return "".join(
        f"<td{_number(place, numbers)}{_label(head[place]) if labels and place else ''}>{_content(cell, labels)}</td>"
        for place, cell in enumerate(row)
    )


def _content(cell: str, inside: bool) -> str:
    """One element a cell where its label stands beside it."""
    return f"<span>{soft_breaks(cell)}</span>" if inside and cell else soft_breaks(cell)


def _number(place: int, numbers: Collection[int]) -> str:
    return ' class="n"' if place in numbers else ""


def _label(name: str) -> str:
    return f' data-of="{escape(name, quote=True)}"'
