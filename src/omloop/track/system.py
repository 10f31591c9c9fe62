"""Curves of CPU, memory and GPU of a run: a thread that looks each second, and less often the longer it takes.

MLflow looks each 10 s and Weights & Biases each 15 s; a short training would show nothing by that.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Self

from omloop.core import first_line
from omloop.track.gpu import Gpus
from omloop.track.usage import usage

EVERY_S = 1.0
MOST_POINTS = 512
"""Above so many points every two become one, and looks come half as often."""
KEEP_S = 30.0
"""How often the points are kept while the run goes on, so that a killed one has them too."""
LOG = logging.getLogger("omloop.track")

Point = Mapping[str, float]


class Sampler:
    """Measures what this process takes while the block lasts; `keep` gets all points so far as JSON lines.

    Whatever goes wrong ends the looks, and never the run.
    """

    def __init__(self, keep: Callable[[bytes], None], *, every_s: float = EVERY_S) -> None:
        self.points: list[Point] = []
        self._keep, self._every_s = keep, every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="omloop-system", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Measure once more and keep the points; a second call does nothing."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._look()
        except Exception as error:
            LOG.warning("the curves of CPU and memory end here: %s", first_line(error))
            LOG.debug("what ended them", exc_info=True)

    def _look(self) -> None:
        gpus, begun, over = Gpus(), monotonic(), False
        time, kept, before = begun, begun, usage()
        try:
            while not over:
                over = self._over.wait(self._every_s)
                now, found = monotonic(), usage()
                if not self.points or now - time >= self._every_s / 2:  # CPU time is counted in hundredths of a second
                    point = {
                        "time": round(now - begun, 3),
                        "cpu_percent": _percent(found.cpu_s - before.cpu_s, now - time),
                    }
                    if found.memory is not None:
                        point["memory_mb"] = round(found.memory / 1e6, 1)
                    self.points.append({**point, **gpus.read()})
                    time, before = now, found
                if len(self.points) > MOST_POINTS:
                    self.points, self._every_s = halve_points(self.points), 2 * self._every_s
                if over or now - kept >= KEEP_S:
                    kept = now
                    self._keep(as_lines(self.points))
        finally:
            gpus.close()


def halve_points(points: Sequence[Point]) -> list[Point]:
    """Every two points as one: at the time of the later, the mean of what is in percent, and the most memory.

    >>> halve_points([{"time": 1, "cpu_percent": 0, "memory_mb": 9}, {"time": 2, "cpu_percent": 50, "memory_mb": 7}])
    [{'time': 2, 'cpu_percent': 25.0, 'memory_mb': 9}]
    """
    pairs = zip(points[::2], points[1::2], strict=False)
    return [*({name: _one(name, a, b) for name in {**a, **b}} for a, b in pairs), *points[len(points) & ~1 :]]


def as_lines(points: Sequence[Point]) -> bytes:
    """The points as JSON lines."""
    return "".join(f"{json.dumps(point)}\n" for point in points).encode()


def _one(name: str, first: Point, second: Point) -> float:
    values = [point[name] for point in (first, second) if name in point]
    return sum(values) / len(values) if name.endswith("_percent") else max(values)


def _percent(cpu_s: float, seconds: float) -> float:
    """The share of one core. If a child ends and nobody waits for it, its seconds are lost."""
    return round(100 * max(0.0, cpu_s) / seconds, 1) if seconds > 0 else 0.0
