"""Which process a run belongs to, and whether it is still there."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

_STARTED = 19  # of the fields behind the command's name in /proc/PID/stat (proc(5), field 22)


def this_process() -> dict[str, object]:
    """The machine, the number and the start of this process, as JSON values; they name it for ever."""
    return {"machine": _machine(), "pid": os.getpid(), "since": _since(os.getpid())}


def is_there(process: Mapping[str, object]) -> bool | None:
    """Whether the process that `this_process` described still runs; None if this machine cannot tell."""
    pid = process.get("pid")
    if os.name != "posix" or process.get("machine") != _machine() or type(pid) is not int or pid <= 0:
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return process.get("since") == _since(pid)


def _machine() -> str:
    """The host and, on Linux, the namespace of a process's number."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def _since(pid: int) -> int | None:
    """When the process began, in ticks since the machine did; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return None if fields[0] == b"Z" else int(fields[_STARTED])
    except (OSError, IndexError, ValueError):
        return None
