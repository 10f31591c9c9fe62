"""What the page remembers of a browser for as long as it runs: the key that was given, and dark or light."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MOST = 1_000
"""Browsers that are remembered; the one that was not seen for the longest time is forgotten first."""


@dataclass
class Session:
    """One browser. `dark` is None where the browser's own wish counts. A key lies in memory alone, and is never sent
    back to the browser."""

    key: str = ""
    dark: bool | None = None


class Sessions:
    """The browsers by the id in their cookie, which is signed."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Session] = OrderedDict()

    def of(self, browser: str) -> Session:
        """The session of a browser, begun where there is none."""
        found = self._known.setdefault(browser, Session())
        self._known.move_to_end(browser)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return found
