"""Who writes a segment: a lock of the system's, which goes with its process however that ends.

Windows has no such lock: there nobody knows which segments are done with, so all stay as they were written.
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
    """Keep others from taking the file for one that nobody writes, until it is closed; waits for whoever looks."""
    if _fcntl is not None:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX)


def take(descriptor: int) -> bool:
    """The same if nobody else holds it; whether that worked. Where there is no such lock nobody can take it."""
    if _fcntl is None:
        return False
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except OSError:
        return False
    return True
