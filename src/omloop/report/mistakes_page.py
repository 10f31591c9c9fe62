"""The worst answers as one web page: each example with its answer and the truth."""

from collections.abc import Sequence
from html import escape

from omloop.report.page import whole_page

MORE = """
.card img{width:100%;border-radius:.3rem;margin-top:.3rem}
.card dl{margin:0;font-size:.8rem}.card dl div{display:flex;justify-content:space-between;gap:.6rem}
.card dt{color:var(--dim)}.card dd{margin:0;text-align:right}
"""


def mistakes_page(title: str, cards: Sequence[tuple[str, str]], rows: int) -> str:
    """A whole HTML page. `cards` are (what to say, a fragment of HTML) of the worst of `rows` answers."""
    told = f"The worst {len(cards)} of {rows:,} answers to rows that the model never saw, the worst first."
    return _page(title, told if cards else f"Not one of {rows:,} answers is wrong.", cards)


def samples_page(title: str, cards: Sequence[tuple[str, str]], rows: int) -> str:
    """The same of some of `rows` answers, right ones and wrong ones."""
    return _page(title, f"{len(cards)} of {rows:,} rows that the model never saw, at even distances.", cards)


def _page(title: str, told: str, cards: Sequence[tuple[str, str]]) -> str:
    shown = "".join(f'<section class="card"><h3>{escape(said)}</h3>{fragment}</section>' for said, fragment in cards)
    body = f'<h1>{escape(title)}</h1><p class="dim">{told}</p><div class="cards">{shown}</div>'
    return whole_page(title, body, style=MORE)
