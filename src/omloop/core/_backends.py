"""The table of backends: a name on the left, the adapter that is imported for it on the right."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.core._errors import MissingExtraError, SettingError, UnknownNameError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path


_ALIKE = {"postgresql": "postgres"}
"""Schemes that stand for another name."""


def split_address(setting: str) -> tuple[str, str]:
    """The name of a backend and the address that it is at, empty where the setting is the name alone.

    The scheme of an address is the name (RFC 3986, 3.1); before an address with another scheme the name stands.

    >>> split_address("files"), split_address("gs://bucket/models"), split_address("mlflow:http://127.0.0.1:5000")
    (('files', ''), ('gs', 'gs://bucket/models'), ('mlflow', 'http://127.0.0.1:5000'))
    """
    name, colon, rest = setting.partition(":")
    if not colon:
        return setting, ""
    return _ALIKE.get(name, name), setting if rest.startswith("//") else rest


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

    def open(self, setting: str, folder: Path, **more: Any) -> Any:
        """The adapter that a setting names, at the address that the setting gives, else in `folder`.

        An adapter with a class method `of(address, folder, **more)` takes addresses; another one is called with the
        folder alone. Raises what `load` raises, and SettingError for an address that is not taken.
        """
        name, address = split_address(setting)
        adapter = self.load(name)
        if hasattr(adapter, "of"):
            return adapter.of(address, folder, **more)
        if address:
            raise SettingError(f"The {self.stage} backend '{name}' takes no address, but {setting} gives one.")
        return adapter(folder, **more)

    def _installed(self) -> dict[str, EntryPoint]:
        from importlib import metadata  # a seventh of a server's start, and most need no stranger's adapter

        return {point.name: point for point in metadata.entry_points(group=f"omloop.{self.stage}")}
