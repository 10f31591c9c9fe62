"""Where a server's keys lie: a file, such as a secret manager mounts, or an environment variable."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import ConfigError, SettingError, as_store_error, shown, write_whole
from omloop.core._locks import hold
from omloop.serve.access.keys import ApiKey, KeyTable, read_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omloop.serve.access.roles import Caller

FILE = "keys.jsonl"
NONE = "none"
_VARIABLE = "env:"
_log = logging.getLogger("omloop.serve")
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class KeySource:
    """A file at `path`, or the environment variable `variable`. If the file `must` exist, its absence is reported."""

    path: Path | None = None
    variable: str = ""
    must: bool = False

    @classmethod
    def of(cls, setting: str, root: Path) -> KeySource | None:
        """What the setting `keys` names: a path, `env:VARIABLE`, or `none`; empty is the file in the workspace.

        >>> KeySource.of("env:SERVER_KEYS", Path("x")).variable, KeySource.of("none", Path("x"))
        ('SERVER_KEYS', None)
        """
        if setting == NONE:
            return None
        if setting.startswith(_VARIABLE):
            variable = setting.removeprefix(_VARIABLE)
            if not variable.isidentifier():
                raise SettingError.wrong_value(None, "keys", shown(setting), "env: and the name of a variable")
            return cls(variable=variable)
        return cls(Path(setting).expanduser(), must=True) if setting else cls(root / FILE)

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.variable if self.path is None else str(self.path)

    def stamp(self) -> Stamp | None:
        """What changes when the keys do; None while there are none."""
        if self.path is None:
            return (0, 0, 0)
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def read(self) -> list[ApiKey] | None:
        """The keys; None if there is no file and none is required. Raises ConfigError, and StoreError."""
        if self.path is None:
            if self.variable not in os.environ:
                raise ConfigError(f"the environment variable {self.variable}, which 'keys' names, is not set.")
            return read_keys(os.environ[self.variable], self.variable)
        with as_store_error("read", self.path):
            try:
                text = self.path.read_text(encoding="utf-8")
            except FileNotFoundError:
                if not self.must:
                    return None
                step = "Make one with: omloop key new --role predict"
                raise ConfigError(f"there is no file {self.path}, which 'keys' names. {step}") from None
            except UnicodeDecodeError:
                raise ConfigError(f"{self.path} is not UTF-8. Let 'omloop key new' write it.") from None
        return read_keys(text, str(self.path))

    @contextmanager
    def changed(self) -> Iterator[list[ApiKey]]:
        """The keys as a list; the end of the block writes it back. Meanwhile no other process changes them."""
        if self.path is None:
            raise ConfigError(f"The keys are in the environment variable {self.variable}: change them where it is set.")
        with _alone(self.path):
            keys = KeySource(self.path).read() or []
            yield keys
            write_keys(self.path, keys)


def write_keys(path: Path, keys: Sequence[ApiKey]) -> None:
    """Write keys, one a line, in one step."""
    write_whole(path, b"".join(key.line() for key in keys))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other process that does the same changes the file meanwhile."""
    with as_store_error("write", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock").open("ab")
    with lock:
        hold(lock.fileno())
        yield


@dataclass
class KeyRing:
    """The keys that a running server knows: it checks whether they changed, and takes what it can read.

    Once it knows keys it never continues without: if the file is missing or broken, it keeps the former keys and says
    so.
    """

    source: KeySource
    table: KeyTable | None = field(default=None, init=False)
    _stamp: Stamp | None = field(default=None, init=False)
    _told: str = field(default="", init=False)

    def load(self) -> None:
        """Read the keys; raises ConfigError and StoreError."""
        stamp = self.source.stamp()
        keys = self.source.read()
        if keys is not None:
            self.table, self._stamp = KeyTable(keys), stamp

    def refresh(self) -> None:
        """Read them again if they changed. Never raises."""
        stamp = self.source.stamp()
        if stamp == self._stamp or (stamp is None and self.table is None):
            return
        try:
            keys = self.source.read()
            if keys is None:
                raise ConfigError(f"{self.source.name} is gone.")
        except Exception as error:
            if str(error) != self._told:  # once, and not at every look
                _log.error("the keys of before are used on, as those of now cannot be read: %s", error)
            self._told = str(error)
            return
        self.table, self._stamp, self._told = KeyTable(keys), stamp, ""
        _log.warning("%s changed: %d key(s) may ask from now on", self.source.name, len(keys))

    def find(self, given: str) -> Caller | None:
        """The owner of the given key, if it is one."""
        return self.table.find(given) if self.table is not None else None
