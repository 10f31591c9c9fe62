"""How much memory this process may really use: its container's limit, not the host's memory."""

import os
from pathlib import Path

from omloop.core._cgroup import OWN, ROOT, cgroup_folders

_UNKNOWN = 4_000_000_000
"""Taken where no system tells: Windows."""


def memory_quota(root: Path = ROOT, own: Path = OWN) -> int:
    """Bytes that this process may use, with all others of its container.

    The smaller of the machine's memory and the cgroup's limit. The limit is `memory.max` in version 2,
    `memory.limit_in_bytes` in version 1. Version 1 says nearly 2^63 if there is no limit.
    """
    limits = [_limit(folder) for folder in cgroup_folders("memory", root, own)]
    return min([_machine(), *(limit for limit in limits if limit is not None)])


def _machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN


def _limit(folder: Path) -> int | None:
    """The limit that the folder's files set; None if they say nothing, or nothing readable."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        try:
            limit = int((folder / name).read_text())
        except (OSError, ValueError):
            continue
        if limit > 0:
            return limit
    return None
