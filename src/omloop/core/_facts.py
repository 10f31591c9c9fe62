"""A result as a reader meets it: one line at a prompt, a table in a notebook."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Mapping

LONGEST = 120


class Facts(ABC):
    """A value that tells a few facts of itself; the rest is in its fields.

    A dataclass that inherits this needs `repr=False`.
    """

    @abstractmethod
    def facts(self) -> Mapping[str, object]:
        """What a reader wants to know first, by names of one word; an estimate tells its interval."""

    def __repr__(self) -> str:
        """One line: the name of the type, and the facts."""
        told = ", ".join(f"{name} {value}" for name, value in self._told().items())
        return f"<{type(self).__name__}: {told}>"

    def _repr_html_(self) -> str:
        """A table of two columns, which Jupyter shows; see
        https://ipython.readthedocs.io/en/stable/config/integrating.html.
        """
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self._told().items()
        )
        return f"<table><caption>{type(self).__name__}</caption>{rows}</table>"

    def _told(self) -> dict[str, str]:
        lines = {name: " ".join(str(value).split()) for name, value in self.facts().items() if value is not None}
        return {name: line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..." for name, line in lines.items()}
