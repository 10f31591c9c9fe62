"""Buttons as the browser has them, so that keyboards and screen readers know them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.element import Element


class Button(Element):
    """A button that says `words`, which may change; `style` are its CSS classes."""

    def __init__(
        self, words: str, pressed: Callable[[], Awaitable[Any] | Any], *, style: str = "om-button", label: str = ""
    ) -> None:
        super().__init__("button")
        self._text = words
        self.classes(style).props('type="button"')
        if label:
            self._props["aria-label"] = label
        self.on("click", lambda _: pressed())

    @property
    def words(self) -> str:
        """The text on the button, or its label where a picture stands there."""
        return self._text or str(self._props.get("aria-label", ""))

    def say(self, words: str) -> None:
        """Change the text on the button."""
        self._text = words
        self.update()
