"""Many pictures at once, on every core where that pays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from omloop.core._cpu import cpu_quota

_WORTH_THREADS = 64
"""Fewer pictures are decoded sooner than threads are started."""


def for_each(act: Callable[[int], None], count: int) -> None:
    """Call `act` with 0, 1, ..., in threads of many (Pillow decodes beside Python); the first error wins."""
    if count < _WORTH_THREADS:
        for index in range(count):
            act(index)
        return
    with ThreadPoolExecutor(cpu_quota()) as pool:
        for _ in pool.map(act, range(count)):
            pass
