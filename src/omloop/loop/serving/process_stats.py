"""CPU time and memory of the processes of one session, as Linux tells (proc(5)); 0 elsewhere."""

import os
from collections.abc import Iterator
from pathlib import Path

from omloop.serve.memory import memory_bytes

_SESSION, _USER, _SYSTEM = 3, 11, 12
"""Places in /proc/PID/stat, behind the name."""


def cpu_seconds(session: int) -> float:
    """CPU time of the living processes of a session so far, in seconds; 0 where the system does not tell."""
    ticks = sum(int(stat[_USER]) + int(stat[_SYSTEM]) for _, stat in _processes(session))
    return ticks / os.sysconf("SC_CLK_TCK") if ticks else 0.0


def memory_of(session: int) -> int:
    """Bytes that the processes of a session take, shared pages by share (PSS); 0 where the system does not tell."""
    return sum(memory_bytes(process) or 0 for process, _ in _processes(session))


def _processes(session: int) -> Iterator[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stat = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(stat[_SESSION]) == session:
            yield int(path.parent.name), stat
