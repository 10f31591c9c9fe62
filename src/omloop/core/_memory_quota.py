"""How much memory this process may really use: its container's limit, not the host's memory."""

import os
from pathlib import Path

from omloop.core._cgroup import OWN, ROOT, cgroup_folders

_UNKNOWN = 4_000_000_000
"""Taken where no system tells: Windows."""


def memory_quota(root: Path = ROOT, own: Path = OWN) -> int:
    """Bytes that this process may use, with all others of its container.

    The smaller of the machine's memory and the cgroup's limit: `memory.max` in version 2, `memory.limit_in_bytes` in
    version 1, which says nearly 2^63 where there is none.
    """
    limits = [_limit(folder) for folder in cgroup_folders("memory", root, own)]
    return min([_machine(), *(limit for limit in limits if limit is not None)])


def _machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN


def _limit(folder: Path) -> int | None:
    """The limit that the folder's files set; None where they say nothing, or nothing that can be understood."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        try:
            limit = int((folder / name).read_text())
        except (OSError, ValueError):
            continue
        if limit > 0:
            return limit
    return None
