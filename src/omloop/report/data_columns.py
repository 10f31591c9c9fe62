"""The observed columns of a data report: a small chart each, those with findings first, and a search for their names.

The search is the only script of a report. It stands in the page itself, asks nobody for anything and hides cards that
do not fit. Where scripts are off, or a policy forbids them, the search stays hidden and all columns are there to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from omloop.core import Finding
from omloop.report.data_report import Distribution
from omloop.report.page_table import soft_breaks

FEW = 100
"""With at most so many columns, each bar says what it is, and charts show more words: else the page would be large."""
MOST_WORDS, MOST_WORDS_OF_MANY = 20, 8
LONGEST_WORD, LONGEST_WORD_OF_MANY = 80, 40
LONG = 18
"""Words of more characters stand above their bars, not beside them."""
BAR = 20
"""Width of a bar and the gap beside it, in units of the picture."""
STYLE = """
.find{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:center;
padding:.6rem 0;background:var(--paper)}.find[hidden]{display:none}
.find :is(input,select){font:inherit;padding:.3rem .5rem;border:1px solid var(--dim);border-radius:.3rem;
background:var(--card);color:inherit;min-width:0;max-width:100%}
.columns .card{scroll-margin-top:9rem}
.columns .card[hidden]{display:none}.columns .found{border-left:4px solid var(--warn)}
.columns .found b{color:var(--warn)}.columns .card:target{outline:2px solid var(--bar)}
path{fill:var(--bar)}a{color:var(--link)}
"""
_SEARCH = """
const find=document.querySelector(".find"),name=find.querySelector("input"),kind=find.querySelector("select")
const nameOf=card=>card.querySelector("h3").textContent.toLowerCase()
const cards=[...document.querySelectorAll(".columns .card")].map(card=>[card,nameOf(card)])
function show(){
  const words=name.value.toLowerCase().split(/\\s+/)
  let count=0
  for(const [card,text] of cards){
    card.hidden=!words.every(word=>text.includes(word))||Boolean(kind.value)&&!card.classList.contains(kind.value)
    if(!card.hidden)count++
  }
  find.querySelector("output").textContent=`${count} of ${cards.length} columns`
}
function showAll(){name.value=kind.value="";show()}
name.addEventListener("input",show);kind.addEventListener("change",show)
addEventListener("hashchange",()=>{showAll();document.querySelector(":target")?.scrollIntoView()})
find.hidden=false;show()
"""


def columns_section(columns: Sequence[Distribution], findings: Sequence[Finding]) -> str:
    """A card a column, those that a finding names first, behind the search."""
    told = {column.name: [found for found in findings if column.name in found.columns] for column in columns}
    order = sorted(range(len(columns)), key=lambda place: not told[columns[place].name])
    few = len(columns) <= FEW
    cards = "".join(_card(place, columns[place], told[columns[place].name], few=few) for place in order)
    return f'{_FIND}<div class="cards columns">{cards}</div><script>{_SEARCH}</script>'


def column_links(finding: Finding, columns: Sequence[Distribution]) -> str:
    """Links to the cards of the columns that the finding names."""
    places = {column.name: place for place, column in enumerate(columns)}
    links = [f'<a href="#column-{places[name]}">{soft_breaks(name)}</a>' for name in finding.columns if name in places]
    return f"<br>{', '.join(links)}" if links else ""


def chart(found: Distribution, *, most: int, longest: int, told: bool = True) -> str:
    """A histogram of a number, or a bar each for the `most` commonest words; with `told` each bar says what it is."""
    missing = f'<p class="dim">{found.missing:,} missing</p>' if found.missing else ""
    if not found.cells:
        return f'<p class="dim">no value</p>{missing}'
    if not found.numbers:
        return f"{_words(found, most, longest)}{missing}"
    numbers = {name: found.tell(value) for name, value in found.numbers.items()}
    return (
        f'{_histogram(found, told)}<p class="ends dim"><span>{numbers["low"]}</span><span>{numbers["high"]}</span></p>'
        f'<p class="dim">median {numbers["median"]}, mean {numbers["mean"]}</p>{missing}'
    )


_FIND = (
    '<div class="find" hidden><label>Find a column <input type="search" autocomplete="off"></label><label>Show <select>'
    '<option value="">all</option><option value="found">with findings</option>'
    '<option value="lacks">with missing values</option></select></label><output role="status"></output></div>'
)


def _card(place: int, column: Distribution, findings: Sequence[Finding], *, few: bool) -> str:
    of = f"card{' found' if findings else ''}{' lacks' if column.missing else ''}"
    found = "".join(f'<p class="dim"><b>{escape(one.check)}</b> ({one.severity})</p>' for one in findings)
    most, longest = (MOST_WORDS, LONGEST_WORD) if few else (MOST_WORDS_OF_MANY, LONGEST_WORD_OF_MANY)
    shown = chart(column, most=most, longest=longest, told=few)
    return f'<section class="{of}" id="column-{place}"><h3>{soft_breaks(column.name)}</h3>{found}{shown}</section>'


def _words(found: Distribution, most: int, longest: int) -> str:
    """The commonest words in their own order, and how many examples have any other."""
    cells = found.cells
    if len(cells) > most:
        first = {label for label, _ in sorted(cells, key=lambda cell: -cell[1])[: most - 1]}
        left = [count for label, count in cells if label not in first]
        cells = (*(cell for cell in cells if cell[0] in first), (f"{len(left):,} others", sum(left)))
    largest = max(1, *(count for _, count in cells))
    rows = (
        f'<span>{soft_breaks(_cut(label, longest))}</span><i style="width:{100 * count / largest:.0f}%"></i>'
        f"<span>{count:,}</span>"
        for label, count in cells
    )
    of = "bars long" if any(len(label) > LONG for label, _ in cells) else "bars"
    return f'<div class="{of}">{"".join(rows)}</div>'


def _cut(label: str, longest: int) -> str:
    """A long label without its middle: those of one column often begin alike."""
    end = longest // 3
    return label if len(label) <= longest else f"{label[: longest - end - 1]}…{label[-end:]}"


def _histogram(found: Distribution, told: bool) -> str:
    most = max(1, *(count for _, count in found.cells))
    steps = [
        f"M{BAR * place + 1} 100V{100 - 100 * count / most:.0f}h{BAR - 2}V100z" if count else ""
        for place, (_, count) in enumerate(found.cells)
    ]
    bars = f'<path d="{"".join(steps)}"/>'
    if told:
        bars = "".join(
            f'<path d="{step}"><title>{escape(label)}: {count:,}</title></path>'
            for step, (label, count) in zip(steps, found.cells, strict=True)
        )
    label = escape(f"histogram of {found.name}", quote=True)
    size = f"0 0 {BAR * len(found.cells)} 100"
    return f'<svg viewBox="{size}" preserveAspectRatio="none" role="img" aria-label="{label}">{bars}</svg>'
