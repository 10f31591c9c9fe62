"""What routes keep in memory between requests, for one application."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Caches:
    """Named, bounded memories; each forgets what was used longest ago. Any number of threads may use them at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, OrderedDict[Hashable, Any]] = {}

    def once(self, name: str, key: Hashable, make: Callable[[], Any], *, most: int) -> Any:
        """What `make` gave for the key before, or gives now; no more than `most` values are kept under the name.

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
            kept[key] = made
            while len(kept) > most:
                kept.popitem(last=False)
        return made
