"""How much memory a process takes, and how it returns unused memory."""

import ctypes
import sys
from pathlib import Path


def memory_bytes(process: int, *, proc: Path = Path("/proc")) -> int | None:
    """Bytes of the process `process`, with its share of shared memory (PSS, proc(5)).

    None if the system does not tell: other systems than Linux, and processes of other users.
    """
    try:
        lines = (proc / str(process) / "smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration, IndexError, ValueError):
        return None


def trim_memory() -> None:
    """Return freed memory that the C library keeps to the system (glibc's malloc_trim; elsewhere nothing happens).

    It keeps much: free memory between used pieces, and freed memory in the arenas of threads. The call takes some
    milliseconds, and other threads continue meanwhile.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
