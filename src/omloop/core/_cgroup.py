"""Where a process finds the limits of its container (Linux kernel documentation, admin-guide/cgroup-v2 and v1)."""

from pathlib import Path

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def cgroup_folders(controller: str, root: Path, own: Path) -> list[Path]:
    """The cgroup's folder for `controller` and all above it: the tightest limit on the way counts."""
    folders = [root, root / controller]
    try:
        lines = own.read_text().splitlines()
    except (OSError, ValueError):
        return folders
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        base = root / controller if controller in controllers.split(",") else root
        relative = path.strip("/")
        while relative:
            folders.append(base / relative)
            relative = relative.rpartition("/")[0]
    return folders
