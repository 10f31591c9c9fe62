"""How many cores this process may really use: its container's quota, not the host's count."""

import math
import os
from pathlib import Path


def cpu_quota(root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Whole cores that this process may use, at least 1.

    The smaller of the scheduler's affinity and the cgroup's quota: `cpu.max` in version 2, `cpu.cfs_quota_us` and
    `cpu.cfs_period_us` in version 1 (Linux kernel documentation, admin-guide/cgroup-v2 and cgroup-v1). A quota of
    half a core counts as one.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([allowed, *(_quota(folder) for folder in _folders(root, own))])))


def _folders(root: Path, own: Path) -> list[Path]:
    """The cgroup's folder and all above it: the tightest limit on the way counts."""
    folders = [root, root / "cpu"]
    try:
        lines = own.read_text().splitlines()
    except (OSError, ValueError):
        return folders
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        base = root / "cpu" if "cpu" in controllers.split(",") else root
        relative = path.strip("/")
        while relative:
            folders.append(base / relative)
            relative = relative.rpartition("/")[0]
    return folders


def _quota(folder: Path) -> float:
    """Cores that the folder's files allow; infinite where they say nothing, or nothing that can be understood."""
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
