"""Lines over one axis as a piece of SVG: no script, and colours that follow the page's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from omloop.report.data_report import number

COLOURS = ("#3b6fd4", "#d1603d", "#2f9e6e", "#a352c9", "#c79a1e", "#1fa3b8", "#d0538c", "#7a8794")
DASHES = ("", "6 3", "2 3")
WIDTH, HEIGHT = 480, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 8, 22
STYLE = """
.chart svg{height:auto}.chart text{fill:var(--dim);font-size:11px}.chart path{fill:none;stroke-width:1.8}
.chart .grid{stroke:var(--line);stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;font-size:.8rem}
.legend i{display:inline-block;width:1.2rem;border-top:3px solid;margin-right:.3rem;vertical-align:middle}
"""


def line_chart(
    title: str, lines: Mapping[tuple[int, str], Sequence[tuple[float, float]]], *, zero: bool = False
) -> str:
    """Each line through its points, with a legend; `zero` lets the axis of values begin at 0. Escapes all text.

    The keys of `lines` are the number of the colour and the label; lines of one colour differ in their dashes.
    """
    xs, ys = zip(*(point for points in lines.values() for point in points), strict=True)
    left, right = min(xs), max(xs)
    low, high = (0.0 if zero else min(ys)), max(ys)
    wide, tall = (right - left) or 1.0, (high - low) or 1.0

    def place(x: float, y: float) -> str:
        across = LEFT + (x - left) / wide * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f} {HEIGHT - BOTTOM - (y - low) / tall * (HEIGHT - TOP - BOTTOM):.1f}"

    paths, legend, used = [], [], Counter[int]()
    for (index, label), points in lines.items():
        colour, dash = COLOURS[index % len(COLOURS)], DASHES[used[index] % len(DASHES)]
        used[index] += 1
        steps = "L".join(place(x, y) for x, y in points)
        paths.append(f'<path d="M{steps}" stroke="{colour}" stroke-dasharray="{dash}"/>')
        style = f"color:{colour}{';border-top-style:dashed' if dash else ''}"
        legend.append(f'<span><i style="{style}"></i>{escape(label)}</span>')
    named = escape(title, quote=True)
    return (
        f'<div class="chart"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{named}">'
        f"{_grid(low, high)}{''.join(paths)}"
        f'<text x="{LEFT}" y="{HEIGHT - 6}">{number(left)}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{number(right)}</text></svg>'
        f'<div class="legend">{"".join(legend)}</div></div>'
    )


def _grid(low: float, high: float) -> str:
    """Lines at the least, the middle and the largest value."""
    rows = []
    for share in (0.0, 0.5, 1.0):
        y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        value = number(low + share * (high - low))
        rows.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
        )
    return "".join(rows)
