"""How much of the log to keep, how, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omloop.monitor.log.segments import SEGMENT_BYTES, SEGMENT_SECONDS

TEMPORARY_SECONDS = 3600.0
"""After this long without a change, a temporary file is that of a killed writer."""


@dataclass(frozen=True)
class Keeping:
    """A new segment begins when the last one has `segment_bytes` or is `segment_seconds` old.

    With `durable`, `record` waits until records are on the disk. It deletes segments last written more than `seconds`
    ago, and the oldest while all take more than `most_bytes`; 0 sets no bound.
    """

    segment_bytes: int = SEGMENT_BYTES
    segment_seconds: float = SEGMENT_SECONDS
    durable: bool = False
    seconds: float = 0.0
    most_bytes: int = 0

    @property
    def forgets(self) -> bool:
        """Whether there is any bound."""
        return bool(self.seconds or self.most_bytes)


@dataclass(frozen=True)
class SegmentFile:
    """A segment as it lies in its folder: the bytes it takes there, and when it was last written to."""

    path: Path
    size: int
    changed: float


def due(segments: Sequence[SegmentFile], keeping: Keeping, now: float) -> list[Path]:
    """The segments to delete, the last written one first.

    >>> lying = [SegmentFile(Path(name), 40, moment) for name, moment in (("a", 10.0), ("b", 20.0), ("c", 30.0))]
    >>> [path.name for path in due(lying, Keeping(seconds=15.0), now=30.0)]
    ['a']
    >>> [path.name for path in due(lying, Keeping(most_bytes=50), now=30.0)]
    ['a', 'b']
    """
    found, left = [], sum(one.size for one in segments)
    for one in sorted(segments, key=lambda one: one.changed):
        old = bool(keeping.seconds) and now - one.changed > keeping.seconds
        if not old and not (keeping.most_bytes and left > keeping.most_bytes):
            break
        found.append(one.path)
        left -= one.size
    return found
