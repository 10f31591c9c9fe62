"""The way through a list that is longer than a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from omloop.ui.parts.markup import Html, tag

NOTHING = "<p>There is no such page of the list.</p>"
"""Stands in place of a page behind the last."""


def pager(told: Mapping[str, Any], address: Callable[[int], str]) -> Html:
    """Where in a list one is, with links to the pages beside; nothing for a list of one page.

    `told` has `total`, `page` and `size`; `address` gives that of a page.
    """
    total, page, size = told["total"], told["page"], told["size"]
    last = max(1, -(-total // size))
    if last == 1 and page == 1:
        return ""
    begin, end = min(page * size - size + 1, total), min(page * size, total)
    ways = [
        tag("a", words, href=address(number), rel=rel)
        for words, number, rel, wanted in (
            ("first", 1, None, page > 2),
            ("newer", page - 1, "prev", page > 1),
            ("older", page + 1, "next", page < last),
            ("last", last, None, page < last - 1),
        )
        if wanted
    ]
    place = f"<span>{begin:,} to {end:,} of {total:,}</span>"
    return f'<nav class="om-pager" aria-label="pages of the list">{place}{"".join(ways)}</nav>'
