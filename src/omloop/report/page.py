"""One whole HTML page in one file, as all pages here begin and end."""

from __future__ import annotations

from html import escape

from omloop.report.page_table import STYLE as TABLE_STYLE
from omloop.report.style import STYLE


def whole_page(title: str, body: str, *, style: str = "", head: str = "") -> str:
    """The page of `title` with `body`, which is HTML already; `style` and `head` come behind those of every page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{head}'
        f"<title>{escape(title)}</title><style>{STYLE}{TABLE_STYLE}{style}</style></head><body>{body}</body></html>\n"
    )
