"""How many cores this process may really use: its container's quota, not the host's count."""

import math
import os
from pathlib import Path

from omloop.core._cgroup import OWN, ROOT, cgroup_folders


def cpu_quota(root: Path = ROOT, own: Path = OWN) -> int:
    """Whole cores that this process may use, at least 1.

    The smaller of the scheduler's affinity and the cgroup's quota. The quota is `cpu.max` in version 2,
    `cpu.cfs_quota_us` and `cpu.cfs_period_us` in version 1. Source: Linux kernel documentation, admin-guide/cgroup-v2
    and cgroup-v1. A quota of half a core counts as one.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([allowed, *(_quota(folder) for folder in cgroup_folders("cpu", root, own))])))


def _quota(folder: Path) -> float:
    """Cores that the folder's files allow; infinite if they say nothing, or nothing readable."""
    try:
        if (folder / "cpu.max").is_file():
            limit, period = (folder / "cpu.max").read_text().split()
        else:
            limit = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        quota = float(limit) / float(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf
    return quota if quota > 0 else math.inf
