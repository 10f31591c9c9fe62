"""What the page remembers of a browser for as long as it runs: the visitor's key, and dark or light."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST = 1_000
"""Browsers that the page remembers. It forgets those without a key first, then those not seen for longest."""


@dataclass
class Session:
    """One browser. `dark` is None where the browser's own wish counts. A key lies in memory alone, and never goes
    back to the browser."""

    key: str = ""
    dark: bool | None = None


class Sessions:
    """The browsers by the id in their signed cookie."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()

    def of(self, browser: str) -> Session:
        """The session of a browser; a new one where there is none."""
        found = self._known.setdefault(browser, Session())
        self._known.move_to_end(browser)
        while len(self._known) > MOST:
            forgotten = next((name for name, one in self._known.items() if not one.key and one is not found), None)
            self._known.pop(forgotten or next(iter(self._known)))
        return found
