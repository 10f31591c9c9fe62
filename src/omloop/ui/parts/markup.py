"""Small pieces of HTML as text; this file escapes everything that comes from data."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from omloop.core import number_text, utc_text

Html = str
"""A piece of HTML with all text escaped."""
_TAGS = re.compile(r"<[^>]*>")
UNITS = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))


def text(value: object) -> Html:
    """A value as HTML; an absent one is nothing.

    >>> text("<b>")
    '&lt;b&gt;'
    """
    return "" if value is None else escape(str(value), quote=True)


def sentence(words: object) -> Html:
    """Words as a sentence of their own: refusals of servers are none.

    >>> sentence("this needs the role 'read'"), sentence("It is <gone>.")
    ('This needs the role &#x27;read&#x27;.', 'It is &lt;gone&gt;.')
    """
    told = str(words).strip()
    return text(f"{told[:1].upper()}{told[1:]}{'' if told.endswith(('.', '!', '?')) else '.'}")


def tag(name: str, content: Html = "", **attributes: object) -> Html:
    """An element; `class_` and `for_` stand for the words that Python keeps, and None for no attribute.

    >>> tag("a", "more", href="/x?a=1&b=2", class_="quiet", title=None)
    '<a href="/x?a=1&amp;b=2" class="quiet">more</a>'
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{content}</{name}>"


def table(head: Sequence[Html], rows: Iterable[Sequence[Html]], *, caption: str, numbers: Iterable[int] = ()) -> Html:
    """A table that scrolls by itself where it is wider than the page; `numbers` are the columns of numbers.

    `head` and `rows` are HTML, `caption` says what it is to a screen reader.
    """
    right = set(numbers)
    heads = "".join(f'<th scope="col"{_style(at in right)}>{cell}</th>' for at, cell in enumerate(head))
    named_columns = [text(_TAGS.sub("", cell)) for cell in head]  # on a phone each cell is told by its own head

    def cells(line: Sequence[Html]) -> Html:
        return "".join(
            f'<td{_style(at in right)} data-head="{named_columns[at]}">{f"<div>{cell}</div>" if cell else ""}</td>'
            for at, cell in enumerate(line)
        )

    body = "".join(f"<tr>{cells(row)}</tr>" for row in rows)
    named = f'<caption class="om-sr">{text(caption)}</caption>'
    return (
        f'<div class="om-scroll" tabindex="0" role="region" aria-label="{text(caption)}">'
        f'<table class="om-table">{named}'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _style(of_number: bool) -> Html:
    return ' class="om-n"' if of_number else ""


def number(value: Any, size: float | None = None) -> Html:
    """A number as people read it; empty for None, and for a number that is not finite."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return text(number_text(float(value), float(value) if size is None else size))


def estimate(found: Mapping[str, Any] | None) -> Html:
    """A number with its 95 % interval.

    >>> estimate({"value": 0.861, "low": 0.84, "high": 0.88})
    '0.861 <span class="om-dim">[0.840, 0.880]</span>'
    """
    if not found or found.get("value") is None:
        return '<span class="om-dim">not known</span>'
    value, low, high = found["value"], found.get("low"), found.get("high")
    if low is None or high is None:
        return number(value)
    size = max(abs(value), (high - low) / 2)
    between = f"[{number_text(low, size)}, {number_text(high, size)}]"
    return f'{number(value, size)} <span class="om-dim">{between}</span>'


def moment(seconds: float | None, now: float | None = None) -> Html:
    """How long ago a moment was; pointing at it shows the moment itself in UTC.

    >>> moment(1000.0, now=1090.0)
    '<time datetime="1970-01-01T00:16:40Z" title="1970-01-01 00:16:40 UTC">1 minute ago</time>'
    """
    if seconds is None:
        return ""
    exact = utc_text(seconds)
    told = ago((time.time() if now is None else now) - seconds)
    return f'<time datetime="{exact.replace(" ", "T")}Z" title="{exact} UTC">{told}</time>'


def ago(seconds: float) -> str:
    """A span of time that lies behind, by its largest unit.

    >>> ago(0.2), ago(7300.0)
    ('just now', '2 hours ago')
    """
    for size, name in UNITS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


def badge(words: str, tone: str = "") -> Html:
    """A few words that say how something stands; `tone` is `good`, `bad`, `warn` or nothing."""
    return tag("span", text(words), class_=f"om-badge om-tone-{tone}" if tone else "om-badge")


def bars(
    shares: Mapping[str, float], *, most: int = 8, chosen: str | None = None, meanings: Mapping[str, str] | None = None
) -> Html:
    """The largest shares, from 0 to 1, as bars; the `chosen` one stands out, and `meanings` stand below the names."""
    means = {name: f'<small class="om-dim">{text(words)}</small>' for name, words in (meanings or {}).items()}
    order = sorted(shares.items(), key=lambda one: -one[1])
    rows = [
        f"<li{' class=om-chosen' if name == chosen else ''}><span>{text(name)}{means.get(name, '')}</span>"
        f'<i style="--share:{100 * share:.2f}%"></i><b>{100 * share:.1f} %</b></li>'
        for name, share in order[:most]
    ]
    rest = f'<p class="om-dim">{len(order) - most:,} more classes, each less probable</p>' if len(order) > most else ""
    wide = " om-wide" if means else ""
    return f'<ul class="om-bars{wide}">{"".join(rows)}</ul>{rest}'


def command(line: str, about: str = "The same by command") -> Html:
    """A command line that does the same, with a button that copies it."""
    return (
        f'<div class="om-command"><span class="om-dim">{text(about)}</span><code tabindex="0">{text(line)}</code>'
        f'<button type="button" class="om-copy" data-copy="{text(line)}" aria-label="Copy the command">copy</button>'
        "</div>"
    )


def note(words: Html, tone: str = "") -> Html:
    """A paragraph that stands out; its words are HTML."""
    alarm = ' role="alert"' if tone == "bad" else ""
    return f'<div class="om-note{f" om-tone-{tone}" if tone else ""}"{alarm}>{words}</div>'


def state(title: str, words: Html, line: str = "") -> Html:
    """What stands in place of something that is not there, and what to do about it."""
    more = command(line, "Do this next") if line else ""
    return f'<section class="om-state"><h2>{text(title)}</h2><p>{words}</p>{more}</section>'
