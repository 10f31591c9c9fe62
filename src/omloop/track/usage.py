"""What this process and those that it started take of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

_PROC = Path("/proc")
# Of the fields behind the command's name in /proc/PID/stat (proc(5), fields 14 to 17 and 24).
_TIMES, _PAGES = slice(11, 15), 21


class Usage(NamedTuple):
    """CPU seconds taken so far, of children that ended too, and resident bytes; None where the system does not tell."""

    cpu_s: float
    memory: int | None


def usage() -> Usage:
    """What this process and its living descendants take; memory that several share counts once for each.

    Outside Linux it leaves out descendants until they ended, and knows the memory only with psutil.
    """
    if not (_PROC / "self" / "stat").exists():
        return Usage(sum(os.times()[:4]), _resident())
    ticks = pages = 0
    for fields in _stats(os.getpid()):
        ticks += sum(map(int, fields[_TIMES]))
        pages += int(fields[_PAGES])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))


def _stats(pid: int) -> Iterator[list[bytes]]:
    """The fields of a process and of its descendants, without those that end meanwhile."""
    folder = _PROC / str(pid)
    try:
        yield (folder / "stat").read_bytes().rpartition(b")")[2].split()
        children = [
            int(child) for thread in (folder / "task").iterdir() for child in (thread / "children").read_bytes().split()
        ]
    except OSError:
        return
    for child in children:
        yield from _stats(child)


def _resident() -> int | None:
    try:
        psutil: Any = import_module("psutil")
    except ModuleNotFoundError:
        return None
    return int(psutil.Process().memory_info().rss)
