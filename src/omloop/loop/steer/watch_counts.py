"""What a watch counted, as the routes about drift take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from omloop.bundle import Reference


def without_seasons(reference: Reference, counts: NDArray[np.int64]) -> NDArray[Any]:
    """The counts, shape (..., size), less what the calendar explains, which is no difference; none is below 0."""
    import numpy as np

    if reference.calendar is None:
        return counts
    found = np.asarray(reference.unseasonal(counts))
    split = reference.split(found)
    for name in reference.columns:
        np.maximum(split[name], 0, out=split[name])
    return found


def stamp(path: Path) -> tuple[int, int]:
    """What tells one state of a file from another; zeros without a file."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
