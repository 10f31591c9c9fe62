"""The circuit of a project as a picture: its stages in a ring, each with what it is here."""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 960, 330
BOX, TALL, GAP, EDGE = 190, 84, 46, 31
TOP, BOTTOM = 56, 206
LETTERS = 25
"""Letters of a line that fit into a box."""
_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1c2430}.box{fill:#f4f6f9;stroke:#7a8794;stroke-width:1.2}"
    ".stage{font-weight:600;font-size:16px}.told{font-size:12px;fill:#45525f}"
    ".way{fill:none;stroke:#3b6fd4;stroke-width:2}.title{font-size:18px;font-weight:600}"
)


def circle_svg(title: str, stages: Sequence[tuple[str, str, str]]) -> str:
    """An SVG of eight `stages`, each a word and two lines about it: four to the right, and four back below.

    It cuts lines that are too long, escapes all text, and has no script.
    """
    top, bottom = stages[:4], stages[4:8]
    places = [(EDGE + index * (BOX + GAP), TOP) for index in range(len(top))]
    places += [(EDGE + (3 - index) * (BOX + GAP), BOTTOM) for index in range(len(bottom))]
    boxes = "".join(_box(x, y, *stage) for (x, y), stage in zip(places, [*top, *bottom], strict=True))
    middle = BOX + GAP
    right = [_way(EDGE + index * middle + BOX, TOP + TALL / 2, GAP, 0) for index in range(3)]
    left = [_way(EDGE + index * middle, BOTTOM + TALL / 2, -GAP, 0) for index in (3, 2, 1)]
    down = _way(EDGE + 3 * middle + BOX / 2, TOP + TALL, 0, BOTTOM - TOP - TALL)
    up = _way(EDGE + BOX / 2, BOTTOM, 0, TOP + TALL - BOTTOM)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><style>{_STYLE}</style>'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="#3b6fd4"/></marker></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f'<text class="title" x="{EDGE}" y="34">{escape(title)}</text>'
        f"{boxes}{''.join([*right, down, *left, up])}</svg>\n"
    )


def _box(x: float, y: float, stage: str, first: str, second: str) -> str:
    lines = "".join(
        f'<text class="told" x="{x + 14:g}" y="{y + 48 + 20 * index:g}">{escape(_cut(line))}</text>'
        for index, line in enumerate((first, second))
    )
    return (
        f'<rect class="box" x="{x:g}" y="{y:g}" width="{BOX}" height="{TALL}" rx="9"/>'
        f'<text class="stage" x="{x + 14:g}" y="{y + 26:g}">{escape(stage)}</text>{lines}'
    )


def _way(x: float, y: float, across: float, down: float) -> str:
    return f'<path class="way" d="M{x:g} {y:g}l{across:g} {down:g}" marker-end="url(#tip)"/>'


def _cut(line: str) -> str:
    return line if len(line) <= LETTERS else f"{line[: LETTERS - 1]}…"
