"""One version, made ready to answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import orjson

from omloop.bundle import MANIFEST, MODEL, Answers, Bundle, Manifest, Session
from omloop.bundle.engine.apart import try_apart
from omloop.bundle.former_service import COMPAT, Compat, read_compat
from omloop.core import ExampleArray, Kind, Lineup, OmloopError, Output, Reader, Trial

_SIZES = (4, 16, 64)
_MEASURE_S = 0.05  # of each size
_FIRST_S = 0.005  # of one row, while nobody is answered yet
_RUNS, _LEAST_RUNS = 15, 3
_AS_GOOD = 1.1  # times the best: what sizes differ by less is noise of the measurement


class Versions(Protocol):
    """What serving asks of the memory of versions."""

    def lineup(self) -> Lineup:
        """The champion and the trial beside it at one moment; raises StoreError if the store is unreadable."""

    def load(self, version: str) -> Bundle:
        """The bundle of `version`; raises BundleError or StoreError."""

    def end_trial(self, trial: Trial, *, reason: str, by: str) -> object:
        """End `trial`; raises ConflictError if it is already over, and StoreError if writing fails."""


@dataclass(frozen=True)
class Serving:
    """One version, ready to answer, since `since` (seconds since 1970).

    `examples` are rows as the kind's `parse` takes them, `answer` what a client gets for the first. `read` is the
    kind's compiled reader, `variant` the file of the bundle that answers, `compat` how the project's former service
    answered. `cost_s` is the time of one row, measured at loading. `row_s` is that of each further row of a request,
    and `batch` the smallest best batch. Beyond `most_rows` in a run each row takes longer; it is 0 if no such limit
    showed. `with_batch` measures them.
    """

    version: str
    manifest: Manifest
    session: Session
    kind: Kind
    output: Output
    examples: Sequence[Any]
    answer: Mapping[str, object]
    since: float
    read: Reader
    cost_s: float
    row_s: float
    batch: int = 1
    variant: str = MODEL
    compat: Compat | None = None
    most_rows: int = 0

    def run(self, examples: ExampleArray) -> Answers:
        """Answer every example, in runs of the model of as many rows as cost least; raises BundleError."""
        most = self.most_rows
        if not 0 < most < len(examples):
            return self.session.run(examples)
        parts = [self.session.run(examples[start : start + most]) for start in range(0, len(examples), most)]
        coordinates = [part.coordinates for part in parts if part.coordinates is not None]
        outputs = np.concatenate([part.outputs for part in parts])
        return Answers(outputs, np.concatenate(coordinates) if coordinates else None)

    @property
    def example(self) -> Any:
        """One row as the kind's `parse` takes it."""
        return self.examples[0]

    @cached_property
    def answer_bytes(self) -> int:
        """How long the answer to one row is, as JSON."""
        return len(orjson.dumps(self.answer))


@dataclass(frozen=True)
class Problem:
    """Why a version of the store does not serve; `version` is None if the store itself is unreadable."""

    version: str | None
    reason: str
    since: float

    def told(self) -> dict[str, object]:
        """The problem in words for a client."""
        return {**asdict(self), "since": iso(self.since)}


@dataclass(frozen=True)
class ReadyOptions:
    """How to load a version.

    `threads` is the number of threads of one model run; 0 takes the CPU quota. `variant` names the variant of the model
    that answers. `keep` says whether to record whole inputs, or only their observed values; None leaves that to the
    bundle.
    """

    threads: int = 0
    variant: str = ""
    keep: bool | None = None


def make_ready(bundle: Bundle, version: str, how: ReadyOptions, *, moment: float) -> Serving:
    """The version, checked against its own claims, and warm; raises BundleError and the errors of ONNX Runtime.

    A variant may be as far from the model as packaging it allowed. `moment` is the present. It answers rows one by one
    until `with_batch` has measured the best batch, which can wait until after the first answers.
    """
    bundle = _verified(bundle, version)
    variant = bundle.variant(how.variant)
    try_apart(bundle, variant)  # first in a process of its own: a graph may crash its engine, and the server with it
    session = Session.of(bundle, threads=how.threads, variant=variant)
    if variant == MODEL:
        session.self_test(bundle)
    else:
        session.self_test(bundle, tolerance=bundle.manifest.variants[variant].parity.tolerance)
    kind = session.inputs if how.keep is None else session.inputs.keeping(how.keep)
    examples = bundle.examples
    cost_s = _seconds(session, session.inputs.parse(examples.rows[:1]), within=_FIRST_S)
    return Serving(
        version=version,
        manifest=bundle.manifest,
        session=session,
        kind=kind,
        output=session.outputs,
        examples=examples.rows,
        answer=session.outputs.answer(np.array(examples.outputs[:1], np.float64))[0],
        since=moment,
        read=kind.reader(),
        cost_s=cost_s,
        row_s=cost_s,
        variant=variant,
        compat=read_compat(bundle.files[COMPAT]) if COMPAT in bundle.files else None,
    )


def with_batch(serving: Serving) -> Serving:
    """The version with the measured batch of least time a row.

    It tries larger batches while they take at most `_MEASURE_S`. Among sizes that are about equal, requests use the
    smallest, because nobody gains from a longer run. Rows that come together run in the largest.
    """
    session = serving.session
    examples = session.inputs.parse(serving.examples)
    each = {1: _seconds(session, examples[:1])}
    for size in _SIZES:
        if each[1] * size > _MEASURE_S:
            break
        each[size] = _seconds(session, np.resize(examples, (size, *examples.shape[1:]))) / size
    session.trim(examples[:1])
    good = best_sizes(each)
    most = good[-1] if good[-1] < max(each) else 0
    return replace(serving, cost_s=each[1], row_s=min(each.values()), batch=good[0], most_rows=most)


def best_sizes(each: Mapping[int, float]) -> list[int]:
    """The sizes, of rising ones with the seconds that a row takes in them, that are about as good as the best.

    >>> best_sizes({1: 0.10, 4: 0.05, 16: 0.052, 64: 0.08})
    [4, 16]
    """
    return [size for size, seconds in each.items() if seconds <= _AS_GOOD * min(each.values())]


def reason_of(error: Exception) -> str:
    """Why it refuses a version, in words; a library's own message goes only to the log."""
    if isinstance(error, OmloopError):
        return str(error)
    return f"it cannot be made ready ({type(error).__name__}); the server's log says more"


def cause_of(error: Exception) -> Exception | None:
    """What the log keeps beside the reason: an error that is none of ours, with its traceback."""
    return None if isinstance(error, OmloopError) else error


def iso(moment: float) -> str:
    """Seconds since 1970 as UTC in ISO 8601.

    >>> iso(0.0)
    '1970-01-01T00:00:00.000+00:00'
    """
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _seconds(session: Session, examples: ExampleArray, *, within: float = _MEASURE_S) -> float:
    """The shortest of some runs: whatever else the machine does only makes them longer."""
    times = list[float]()
    while len(times) < _LEAST_RUNS or (len(times) < _RUNS and sum(times) < within):
        began = time.perf_counter()
        session.run(examples)
        times.append(time.perf_counter() - began)
    return min(times)


def _verified(bundle: Bundle, version: str) -> Bundle:
    """The bundle, after checking every digest and the version: a store may be a stranger's adapter."""
    if bundle.verified and bundle.digest.startswith(version):
        return bundle
    files = {**bundle.files, MANIFEST: bundle.manifest_bytes}
    return Bundle.load(files.__getitem__, version)
