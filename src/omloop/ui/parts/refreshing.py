"""Parts of a page that renew themselves again and again while somebody looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.parts.markup import note, sentence


def refreshing(again: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Call `again` every so many seconds; while nobody answers, say so and leave the old content in place."""
    told = ui.html("", sanitize=False).props('role="status"')

    async def look() -> None:
        try:
            await again()
            words = ""
        except (NoAnswerError, RefusedError) as error:
            words = note(
                f"{sentence(error)} What is shown here is from before; it is asked for again by itself.", "warn"
            )
        if told.content != words:
            told.content = words

    ui.timer(every_s, look, immediate=False)
