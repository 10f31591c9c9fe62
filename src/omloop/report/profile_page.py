"""Where the time went, as one web page: no script, nothing fetched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from omloop.core import milliseconds
from omloop.report.page import whole_page

MOST_OPERATORS = 5
MORE = """
pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem;overflow-x:auto;
font-size:.8rem;line-height:1.35;overflow-wrap:normal}
.bars{grid-template-columns:fit-content(45%) minmax(2.5rem,1fr) auto auto}
"""


@dataclass(frozen=True)
class Profile:
    """The profile of one run. `stages` are seconds by activity, `facts` lines such as the peak of memory.

    `operators` are (name, calls, seconds), the costliest first, of what `operators_of` says; without any it says why.
    `tree` is the tree of Python functions.
    """

    title: str
    facts: Mapping[str, str]
    stages: Mapping[str, float]
    operators: Sequence[tuple[str, int, float]]
    operators_of: str
    tree: str
    loading: Mapping[str, float] = field(default_factory=dict)


def profile_page(profile: Profile) -> str:
    """The profile as a whole HTML page, with all text escaped."""
    cards = "".join(
        f'<section class="card"><h3>{escape(name)}</h3><p class="big">{escape(value)}</p></section>'
        for name, value in profile.facts.items()
    )
    costs = {f"{calls:,} {name}": seconds for name, calls, seconds in profile.operators[:MOST_OPERATORS]}
    whole = sum(seconds for _, _, seconds in profile.operators)
    loading = f"<h2>Loading against computing</h2>{_bars(profile.loading)}" if profile.loading else ""
    body = (
        f'<h1>{escape(profile.title)}</h1><div class="cards">{cards}</div>'
        f"<h2>Where the time goes</h2>{_bars(profile.stages)}{loading}"
        f'<h2>The costliest operators</h2><p class="dim">{escape(profile.operators_of)}</p>{_bars(costs, whole)}'
        f'<h2>Python functions</h2><p class="dim">Seconds of the process\'s main thread, as pyinstrument saw its stack '
        f"every few milliseconds.</p><pre>{escape(profile.tree)}</pre>"
    )
    return whole_page(profile.title, body, style=MORE)


def _bars(seconds: Mapping[str, float], whole: float = 0.0) -> str:
    whole = whole or sum(seconds.values()) or 1.0
    rows = "".join(
        f'<span>{escape(name)}</span><i style="width:{100 * took / whole:.1f}%"></i><span>{_time(took)}</span>'
        f"<span>{took / whole:.0%}</span>"
        for name, took in seconds.items()
    )
    return f'<div class="bars">{rows}</div>'


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else milliseconds(seconds)
