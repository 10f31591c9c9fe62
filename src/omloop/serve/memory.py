"""How much memory a process takes, and how it gives back what it does not need."""

import ctypes
import sys
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


def trim_memory() -> None:
    """Give the system back what the C library keeps of freed memory (glibc's malloc_trim; elsewhere nothing happens).

    It keeps much: what was freed between pieces that are in use, and what threads freed in arenas of their own. It
    takes some milliseconds, and other threads go on meanwhile.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
