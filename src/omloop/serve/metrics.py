"""What the server counts, as Prometheus reads it: text exposition format 0.0.4.

Our own few lines: a labelled counter of prometheus_client costs a good part of what a small model does, every time.
"""

import math
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from pathlib import Path

from omloop.serve.champion import Champion

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counter:
    """A number a combination of label values that only goes up. Safe to use from several threads.

    >>> requests = Counter("requests_total", "Requests.", ("route",))
    >>> requests.add("/v1/predict")
    >>> print(*requests.lines(), sep="\\n")
    # HELP requests_total Requests.
    # TYPE requests_total counter
    requests_total{route="/v1/predict"} 1
    """

    kind = "counter"

    def __init__(self, name: str, about: str, labels: tuple[str, ...] = ()) -> None:
        self.name = name
        self.about = about
        self.labels = labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}
        self._lock = threading.Lock()

    def add(self, *values: str, by: float = 1.0) -> None:
        """Add `by` for the label `values`."""
        with self._lock:
            self._values[values] = self._values.get(values, 0.0) + by

    def lines(self) -> Iterable[str]:
        """The family's lines of the exposition."""
        with self._lock:
            samples = dict(self._values)
        yield from _head(self.name, self.kind, self.about)
        for values, number in samples.items():
            yield _sample(self.name, dict(zip(self.labels, values, strict=True)), number)


class Gauge(Counter):
    """A number that goes up and down."""

    kind = "gauge"


class Histogram:
    """How often a number of seconds fell at or below each bound, a combination of label values."""

    def __init__(
        self, name: str, about: str, labels: tuple[str, ...] = (), bounds: tuple[float, ...] = SECONDS
    ) -> None:
        self.name = name
        self.about = about
        self.labels = labels
        self.bounds = bounds
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()

    def observe(self, seconds: float, *values: str) -> None:
        """Count one observation for the label `values`."""
        cell = bisect_left(self.bounds, seconds)
        with self._lock:
            if values not in self._counts:
                self._counts[values] = [0] * (len(self.bounds) + 1)
                self._sums[values] = 0.0
            self._counts[values][cell] += 1
            self._sums[values] += seconds

    def lines(self) -> Iterable[str]:
        """The family's lines of the exposition: cumulative buckets, sum and count."""
        with self._lock:
            samples = [(values, list(counts), self._sums[values]) for values, counts in self._counts.items()]
        yield from _head(self.name, "histogram", self.about)
        for values, counts, total in samples:
            labels = dict(zip(self.labels, values, strict=True))
            below = 0
            for bound, count in zip((*self.bounds, math.inf), counts, strict=True):
                below += count
                yield _sample(f"{self.name}_bucket", {**labels, "le": _number(bound)}, below)
            yield _sample(f"{self.name}_sum", labels, total)
            yield _sample(f"{self.name}_count", labels, below)


class Metrics:
    """Everything that one server counts."""

    def __init__(self) -> None:
        self.requests = Counter("omloop_requests_total", "Requests answered, by route and status.", ("route", "status"))
        self.seconds = Histogram("omloop_request_seconds", "Time from a request's head to its answer.", ("route",))
        self.predictions = Counter("omloop_predictions_total", "Predictions recorded and answered.", ("version",))
        self.unrecorded = Counter("omloop_unrecorded_total", "Requests refused because they could not be recorded.")
        self.feedback = Counter("omloop_feedback_total", "Labels received, by what became of them.", ("result",))
        self.in_flight = Gauge("omloop_in_flight", "Requests that are being worked on or wait for a worker.")
        self.started = Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.")
        self.started.add(by=_started())

    def text(self, champion: Champion) -> str:
        """The whole exposition, with what there is to say about the champion at this moment."""
        families: tuple[Counter | Histogram, ...] = (
            self.requests,
            self.seconds,
            self.predictions,
            self.unrecorded,
            self.feedback,
        )
        families += (self.in_flight, self.started)
        lines = [line for family in families for line in family.lines()]
        return "\n".join([*lines, *_champion_lines(champion), ""])


def _champion_lines(champion: Champion) -> Iterable[str]:
    serving, problem = champion.serving, champion.problem
    yield from _head("omloop_swaps_total", "counter", "Versions swapped in since the process started.")
    yield _sample("omloop_swaps_total", {}, champion.swaps)
    yield from _head("omloop_swap_seconds_total", "counter", "Time taken to load, check and swap in versions.")
    yield _sample("omloop_swap_seconds_total", {}, champion.swap_seconds)
    yield from _head("omloop_model_info", "gauge", "The version that serves.")
    if serving is not None:
        yield _sample("omloop_model_info", {"project": serving.manifest.project, "version": serving.version}, 1)
    yield from _head("omloop_refused_bundle", "gauge", "1 while the champion of the store is refused.")
    yield _sample("omloop_refused_bundle", {"version": (problem and problem.version) or ""}, float(problem is not None))


def _started() -> float:
    """When this process started, from /proc where there is one: field 22 of stat, in ticks since the boot (proc(5))."""
    try:
        ticks = float(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return float(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration, IndexError, ValueError):
        return time.time() - time.process_time()


def _head(name: str, kind: str, about: str) -> Iterable[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _sample(name: str, labels: Mapping[str, str], number: float) -> str:
    """One line; a label's backslashes, quotes and line ends are escaped as the format asks.

    >>> _sample("up", {"who": 'a "b"'}, 1.0)
    'up{who="a \\\\"b\\\\""} 1'
    """
    inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{inside}}} {_number(number)}" if inside else f"{name} {_number(number)}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(float(value))
