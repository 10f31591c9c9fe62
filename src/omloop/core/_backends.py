"""The table of backends: a name on the left, the adapter that is imported for it on the right."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.core._errors import MissingExtraError, UnknownNameError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@dataclass(frozen=True)
class Backends:
    """The adapters of one stage by name; nothing is imported until one is asked for.

    `known` maps a name to `module:attribute`. `extras` maps a name to the pair (library as it is imported, extra) that
    it needs beyond the base install. Installed packages add to the table through the entry points `omloop.<stage>`.

    >>> table = Backends("track", {"json": "json:dumps"})
    >>> table.load("json")([1])
    '[1]'
    """

    stage: str
    known: Mapping[str, str]
    extras: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every name that can be asked for, ours and those of installed packages."""
        return sorted({*self.known, *self._installed()})

    def load(self, name: str) -> Any:
        """Import and return the adapter called `name`.

        Raises UnknownNameError for a name that is not in the table and MissingExtraError when its library is absent.
        """
        if name in self.known:
            module, _, attribute = self.known[name].partition(":")
            try:
                return getattr(importlib.import_module(module), attribute)
            except ModuleNotFoundError as error:
                library, extra = self.extras.get(name, ("", ""))
                if not library or (error.name or "").partition(".")[0] != library:
                    raise  # something else is broken, and saying "install the extra" would hide it
                raise MissingExtraError(f"The {self.stage} backend '{name}'", library, extra) from error
        installed = self._installed()
        if name in installed:
            return installed[name].load()
        raise UnknownNameError(f"{self.stage} backend", name, self.names())

    def _installed(self) -> dict[str, EntryPoint]:
        from importlib import metadata  # a seventh of a server's start, and most need no stranger's adapter

        return {point.name: point for point in metadata.entry_points(group=f"omloop.{self.stage}")}
