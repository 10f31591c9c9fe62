"""The table of backends: a name on the left, the adapter to import for it on the right."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.core._errors import SettingError, UnknownNameError
from omloop.core._extras import explain_missing, load_installed

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


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
    """The adapters of one stage by name. It imports an adapter only when someone asks for it.

    `known` maps a name to `module:attribute`. Installed packages add to the table by the entry points `omloop.<stage>`.

    >>> table = Backends("track", {"json": "json:dumps"})
    >>> table.load("json")([1])
    '[1]'
    """

    stage: str
    known: Mapping[str, str]

    def names(self) -> list[str]:
        """Every known name, ours and those of installed packages."""
        return sorted({*self.known, *self._installed()})

    def load(self, name: str) -> Any:
        """Import and return the adapter called `name`.

        Raises UnknownNameError for a name that is not in the table and MissingExtraError when its library is absent.
        """
        who = f"The {self.stage} backend '{name}'"
        if name in self.known:
            module, _, attribute = self.known[name].partition(":")
            with explain_missing(who):
                return getattr(importlib.import_module(module), attribute)
        installed = self._installed()
        if name in installed:
            return load_installed(installed[name], who)
        raise UnknownNameError(f"{self.stage} backend", name, self.names())

    def open(self, setting: str, folder: Path, **more: Any) -> Any:
        """The adapter that a setting names, at the address that the setting gives, else in `folder`.

        An adapter with a class method `of(address, folder, **more)` takes addresses; any other gets only the folder.
        Raises what `load` raises, and SettingError for an address that the adapter does not take.
        """
        name, address = split_address(setting)
        if name not in self.known and name not in self._installed():
            raise UnknownNameError(f"{self.stage} backend", name, self.names(), next_step=self._advice(setting))
        adapter = self.load(name)
        if hasattr(adapter, "of"):
            return adapter.of(address, folder, **more)
        if address:
            told = f"The {self.stage} backend '{name}' takes no address, but {setting} gives one."
            raise SettingError(told, key=self.stage)
        return adapter(folder, **more)

    def _advice(self, setting: str) -> str:
        if "files" in self.known and (Path(setting).anchor or setting.startswith(("./", "../", "~/"))):
            return f"For a folder write files:{setting}."
        return f"Other packages bring more, by the entry points 'omloop.{self.stage}'; none that is installed has it."

    def _installed(self) -> dict[str, EntryPoint]:
        from importlib import metadata  # a seventh of a server's start, and most need no stranger's adapter

        return {point.name: point for point in metadata.entry_points(group=f"omloop.{self.stage}")}
