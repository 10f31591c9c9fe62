"""What routes keep in memory between requests, for one application."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class _Lately:
    """The last value, and how long it is valid; the maker of a new one holds the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0
    value: Any = None


class Caches:
    """Named, bounded caches; each drops the least recently used value. Any number of threads may use them at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, OrderedDict[Hashable, Any]] = {}

    def once(self, name: str, key: Hashable, make: Callable[[], Any], *, most: int) -> Any:
        """The cached or new value of `make` for the key; it keeps at most `most` values under the name.

        >>> caches = Caches()
        >>> [caches.once("squares", 3, lambda: 9, most=2), caches.once("squares", 3, lambda: 10, most=2)]
        [9, 9]
        """
        with self._lock:
            kept = self._kept.setdefault(name, OrderedDict())
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        made = make()
        with self._lock:
            made = kept.setdefault(key, made)  # of two that made it at once both get the first
            while len(kept) > most:
                kept.popitem(last=False)
        return made

    def close(self) -> None:
        """Drop everything, and close closable values, such as logs."""
        with self._lock:
            kept = [value for values in self._kept.values() for value in values.values()]
            self._kept.clear()
        for value in kept:
            if callable(close := getattr(value, "close", None)):
                close()

    def lately(self, name: str, key: Hashable, make: Callable[[], Any], *, seconds: float, most: int) -> Any:
        """What `make` gave for the key in the last `seconds`; of many who ask at once one makes it, the others wait.

        >>> caches = Caches()
        >>> [caches.lately("now", "", make, seconds=60.0, most=2) for make in (lambda: 1, lambda: 2)]
        [1, 1]
        """
        kept: _Lately = self.once(name, key, _Lately, most=most)
        with kept.lock:
            if time.monotonic() >= kept.until:
                kept.value = make()
                kept.until = time.monotonic() + seconds  # from now on: those who waited for it take it
            return kept.value
