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

from omloop.serve.memory import memory_bytes
from omloop.serve.version.champion import Champion

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Buckets of batches, up to the largest one tried at loading a version."""
Samples = dict[tuple[str, ...], list[float]]
"""The numbers of one family, a combination of label values. The numbers of several processes add up."""
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets of latencies: the default ones of Prometheus's Go client, and three below, since small models take less."""


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

    def value(self, *values: str) -> float:
        """The number for the label `values`."""
        return self._values.get(values, 0.0)

    def samples(self) -> Samples:
        """One number a combination of label values."""
        with self._lock:
            return {values: [number] for values, number in self._values.items()}

    def lines(self, *others: Samples) -> Iterable[str]:
        """The family's lines of the exposition, with the counts of other processes added."""
        yield from _head(self.name, self.kind, self.about)
        for values, (number,) in _added(self.samples(), *others).items():
            yield _sample(self.name, dict(zip(self.labels, values, strict=True)), number)


class Gauge(Counter):
    """A number that goes up and down."""

    kind = "gauge"


class Histogram:
    """How often a number of seconds fell at or below each bound, a combination of label values."""

    kind = "histogram"

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

    def samples(self) -> Samples:
        """How many fell between each bound and the one before, and the sum behind them."""
        with self._lock:
            return {values: [*counts, self._sums[values]] for values, counts in self._counts.items()}

    def lines(self, *others: Samples) -> Iterable[str]:
        """The family's lines of the exposition, others added: cumulative buckets, sum and count."""
        yield from _head(self.name, self.kind, self.about)
        for values, (*counts, total) in _added(self.samples(), *others).items():
            labels = dict(zip(self.labels, values, strict=True))
            below = 0.0
            for bound, count in zip((*self.bounds, math.inf), counts, strict=True):
                below += count
                yield _sample(f"{self.name}_bucket", {**labels, "le": _number(bound)}, below)
            yield _sample(f"{self.name}_sum", labels, total)
            yield _sample(f"{self.name}_count", labels, below)


Family = Counter | Histogram


class Metrics:
    """Everything that one server counts. `started` is when it did, by default when this process did."""

    def __init__(self, started: float | None = None) -> None:
        self.requests = Counter("omloop_requests_total", "Requests answered, by route and status.", ("route", "status"))
        self.seconds = Histogram("omloop_request_seconds", "Time from a request's head to its answer.", ("route",))
        self.predictions = Counter("omloop_predictions_total", "Predictions recorded and answered.", ("version",))
        self.unrecorded = Counter("omloop_unrecorded_total", "Requests refused because they could not be recorded.")
        self.lost = Counter("omloop_lost_predictions_total", "Predictions answered though they could not be recorded.")
        self.feedback = Counter("omloop_feedback_total", "Labels received, by what became of them.", ("result",))
        self.refusals = Counter(
            "omloop_refused_total", "Requests that did not fit, by what of them.", ("field", "reason")
        )
        self.queue = Histogram("omloop_queue_seconds", "Time from a request's arrival to its run of the model.")
        self._stage = Histogram("omloop_stage_seconds", "Time of one run, by stage.", ("stage",))
        self._sizes = Histogram("omloop_batch_requests", "Requests answered in one run.", bounds=SIZES)
        self.shadow = Counter(
            "omloop_shadow_total", "Predictions of a shadow, by agreement with the champion.", ("version", "result")
        )
        self.shadow_dropped = Counter(
            "omloop_shadow_dropped_total", "Requests that a shadow had no time for.", ("version",)
        )
        self.shadow_seconds = Histogram("omloop_shadow_seconds", "Time of one run of a shadow.", ("version",))
        self.canary_errors = Counter(
            "omloop_canary_errors_total", "Requests that the champion had to answer for a canary.", ("version",)
        )
        self.in_flight = Gauge("omloop_in_flight", "Requests that are being worked on or wait for a worker.")
        self.started = Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.")
        self.started.add(by=started_at(os.getpid()) if started is None else started)

    def answered(self, route: str, status: str, seconds: float) -> None:
        """Count one request."""
        self.requests.add(route, status)
        self.seconds.observe(seconds, route)

    def stages(self, parse: float, compute: float, encode: float, size: int) -> None:
        """Count one run of the model: the seconds of its stages, and how many requests it answered."""
        self._stage.observe(parse, "parse")
        self._stage.observe(compute, "compute")
        self._stage.observe(encode, "encode")
        self._sizes.observe(size)

    def text(self, champion: Champion) -> str:
        """The whole exposition, with what there is to say about the champion at this moment."""
        return self.exposition(champion, {}, {"1": os.getpid()})

    def families(self, champion: Champion) -> tuple[Family, ...]:
        """The current counts that add up over the workers of a server."""
        counted = (
            self.requests,
            self.seconds,
            self.predictions,
            self.unrecorded,
            self.lost,
            self.refusals,
            self.feedback,
        )
        tried = (self.shadow, self.shadow_dropped, self.shadow_seconds, self.canary_errors)
        measured = (self.queue, self._stage, self._sizes, self.in_flight)
        return (*counted, *tried, *measured, *_champion_families(champion), *_trial_families(champion))

    def exposition(
        self, champion: Champion, others: Mapping[str, Iterable[Samples]], workers: Mapping[str, int]
    ) -> str:
        """The whole exposition. `others` holds, by family, what other workers counted; `workers` their processes."""
        lines = [line for family in self.families(champion) for line in family.lines(*others.get(family.name, ()))]
        return "\n".join([*lines, *self.started.lines(), *_memory(workers).lines(), ""])


def _champion_families(champion: Champion) -> tuple[Family, ...]:
    serving, problem = champion.serving, champion.problem
    swaps = Counter("omloop_swaps_total", "Versions swapped in since the process started.")
    swaps.add(by=champion.swaps)
    seconds = Counter("omloop_swap_seconds_total", "Time taken to load, check and swap in versions.")
    seconds.add(by=champion.swap_seconds)
    model = Gauge("omloop_model_info", "How many workers serve the version.", ("project", "version"))
    if serving is not None:
        model.add(serving.manifest.project, serving.version)
    refused = Gauge("omloop_refused_bundle", "How many workers refuse the champion of the store.", ("version",))
    refused.add((problem and problem.version) or "", by=float(problem is not None))
    return swaps, seconds, model, refused


def _trial_families(champion: Champion) -> tuple[Family, ...]:
    candidate, problem = champion.trials.candidate, champion.trials.problem
    tried = Gauge("omloop_trial_info", "How many workers try the version.", ("version", "mode"))
    if candidate is not None:
        tried.add(candidate.trial.version, candidate.trial.mode)
    refused = Gauge("omloop_refused_trial", "How many workers refuse the version on trial.", ("version",))
    refused.add((problem and problem.version) or "", by=float(problem is not None))
    return tried, refused


def _memory(workers: Mapping[str, int]) -> Gauge:
    """The memory of all processes that tell it; on Linux all do."""
    memory = Gauge("omloop_worker_memory_bytes", "Memory of a worker, shared pages by share (PSS).", ("worker",))
    for worker, process in workers.items():
        taken = memory_bytes(process)
        if taken is not None:
            memory.add(worker, by=taken)
    return memory


def started_at(process: int) -> float:
    """When a process started, in seconds since 1970: from /proc if there is one, else about when this one did.

    Field 22 of stat, in ticks since the boot (proc(5)).
    """
    try:
        ticks = float(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
        return float(boot.split()[1]) + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration, IndexError, ValueError):
        return time.time() - time.process_time()


def _added(first: Samples, *others: Samples) -> Samples:
    """The sums, label by label.

    >>> _added({("a",): [1, 2]}, {("a",): [10, 20], ("b",): [5, 5]})
    {('a',): [11, 22], ('b',): [5, 5]}
    """
    total = dict(first)
    for other in others:
        for values, numbers in other.items():
            total[values] = [a + b for a, b in zip(total[values], numbers, strict=True)] if values in total else numbers
    return total


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
