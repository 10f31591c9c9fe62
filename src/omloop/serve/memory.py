"""How much memory a process takes."""

from pathlib import Path


def memory_bytes(process: int, *, proc: Path = Path("/proc")) -> int | None:
    """Bytes of the process `process`, what it shares with others by its share (PSS, proc(5)).

    None where the system does not tell: other systems than Linux, and processes of other users.
    """
    try:
        lines = (proc / str(process) / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration, IndexError, ValueError):
        return None
