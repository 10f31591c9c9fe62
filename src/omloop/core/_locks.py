"""Who writes a segment: a lock of the system, which ends with its process, however that ends.

Windows has no such lock. There nobody knows which segments are complete, so all stay as written.
"""

from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    _fcntl: Any = None
else:
    _fcntl = fcntl

CAN_LOCK = _fcntl is not None
"""Whether the system has such a lock."""


def hold(descriptor: int) -> None:
    """Mark the file as being written, until it closes; waits while another process looks."""
    if _fcntl is not None:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX)


def take(descriptor: int) -> bool:
    """The same, if nobody else holds it; says whether it worked. Without such locks it never does."""
    if _fcntl is None:
        return False
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except OSError:
        return False
    return True
