"""The version in charge: found, checked and swapped in while requests go on."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import MANIFEST, MODEL, Bundle, Manifest, Session
from omloop.bundle.compat import COMPAT, Compat, read_compat
from omloop.core import Kind, OmloopError, Output, Reader

_SIZES = (4, 16, 64)
_MEASURE_S = 0.05
_RUNS = 3
_log = logging.getLogger("omloop.serve")


class Versions(Protocol):
    """What serving asks of the memory of versions."""

    def champion(self) -> str | None:
        """The version in charge, None before the first; raises StoreError when the store cannot be read."""

    def load(self, version: str) -> Bundle:
        """The bundle of `version`; raises BundleError or StoreError."""


@dataclass(frozen=True)
class Serving:
    """One version, ready to answer, since `since` (seconds since 1970).

    `example` is a row as the kind's `parse` takes it, `answer` what a client gets for it. `read` is the kind's compiled
    reader, `variant` the file of the bundle that answers, `compat` how the project's former service answered. `cost_s`
    is the time that one row takes, `batch` how many go best together; both were measured when the version was made
    ready.
    """

    version: str
    manifest: Manifest
    session: Session
    kind: Kind
    output: Output
    example: Any
    answer: Mapping[str, Any]
    since: float
    read: Reader
    cost_s: float
    batch: int
    variant: str = MODEL
    compat: Compat | None = None


@dataclass(frozen=True)
class Problem:
    """Why the champion of the store does not serve; `version` is None when the store itself cannot be read."""

    version: str | None
    reason: str
    since: float


class Champion:
    """Holds the serving version and looks for a newer one when asked to `refresh`.

    A bundle that is changed, cannot be loaded or answers its own examples wrongly is refused: the version before goes
    on serving. It is tried again after `retry_s` seconds or when the champion changes. `threads` is the number of
    threads of one model run; 0 takes the CPU quota. `keep` says whether whole inputs are recorded, or only what is
    observed of them; None leaves that to the bundle.
    """

    def __init__(
        self,
        versions: Versions,
        *,
        threads: int = 0,
        keep: bool | None = None,
        retry_s: float = 30.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._versions = versions
        self._threads = threads
        self._keep = keep
        self._retry_s = retry_s
        self._clock = clock
        self._lock = threading.Lock()
        self._tried = 0.0
        self.serving: Serving | None = None
        self.problem: Problem | None = None
        self.swaps = 0
        self.swap_seconds = 0.0

    def refresh(self) -> bool:
        """Swap in the store's champion if it is another one; return whether that happened. Never raises.

        Blocks for as long as reading and checking a bundle takes: call it off the event loop. Whoever took `serving`
        before keeps a session that works.
        """
        with self._lock:
            try:
                wanted = self._versions.champion()
            except Exception as error:  # a store may be a stranger's adapter
                self._refuse(None, error)
                return False
            if wanted is None or (self.serving is not None and wanted == self.serving.version):
                self.problem = None
                return False
            return self._due(wanted) and self._swap(wanted)

    def _due(self, wanted: str) -> bool:
        refused = self.problem is not None and self.problem.version == wanted
        return not refused or self._clock() - self._tried >= self._retry_s

    def _swap(self, wanted: str) -> bool:
        self._tried = self._clock()
        began = time.perf_counter()
        try:
            serving = self._ready(wanted)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes; none may stop the version before
            self._refuse(wanted, error)
            return False
        self.serving, self.problem = serving, None
        self.swaps += 1
        self.swap_seconds += time.perf_counter() - began
        _log.info("version %s of %s serves", wanted, serving.manifest.project)
        return True

    def _ready(self, version: str) -> Serving:
        bundle = _verified(self._versions.load(version), version)
        session = Session.of(bundle, threads=self._threads)
        session.self_test(bundle)
        kind = session.inputs if self._keep is None else session.inputs.keeping(self._keep)
        examples = bundle.examples
        cost_s, batch = _measured(session, session.inputs.parse(examples.rows))
        return Serving(
            version=version,
            manifest=bundle.manifest,
            session=session,
            kind=kind,
            output=session.outputs,
            example=examples.rows[0],
            answer=session.outputs.answer(np.array(examples.outputs[:1], np.float64))[0],
            since=self._clock(),
            read=kind.reader(),
            cost_s=cost_s,
            batch=batch,
            compat=read_compat(bundle.files[COMPAT]) if COMPAT in bundle.files else None,
        )

    def told(self) -> dict[str, Any] | None:
        """The problem as a client is told of it; None without one."""
        problem = self.problem
        return None if problem is None else {**asdict(problem), "since": iso(problem.since)}

    def _refuse(self, version: str | None, error: Exception) -> None:
        reason = str(error) if isinstance(error, OmloopError) else f"{type(error).__name__}: {error}"
        before = self.problem
        if before is not None and (before.version, before.reason) == (version, reason):
            return
        self.problem = Problem(version, reason, self._clock())
        going_on = f"{self.serving.version} goes on serving" if self.serving else "nothing serves yet"
        what = f"version {version} is refused" if version else "the versions cannot be read"
        _log.error("%s: %s (%s)", what, reason, going_on)


def iso(moment: float) -> str:
    """Seconds since 1970 as UTC in ISO 8601.

    >>> iso(0.0)
    '1970-01-01T00:00:00.000+00:00'
    """
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _measured(session: Session, examples: NDArray[Any]) -> tuple[float, int]:
    """The seconds that a run of one row takes, and how many rows take least each; the answers warm the session up.

    Larger batches are tried while they take `_MEASURE_S` at most. Of several sizes that are about as good the smallest
    is taken, because nobody gains by a longer run.
    """
    each = {1: _seconds(session, examples[:1])}
    for size in _SIZES:
        if each[1] * size > _MEASURE_S:
            break
        each[size] = _seconds(session, np.resize(examples, (size, *examples.shape[1:]))) / size
    best = min(each.values())
    return each[1], min(size for size, seconds in each.items() if seconds <= 1.1 * best)


def _seconds(session: Session, examples: NDArray[Any]) -> float:
    """The median of a few runs."""
    times = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        session.run(examples)
        times.append(time.perf_counter() - began)
    return sorted(times)[_RUNS // 2]


def _verified(bundle: Bundle, version: str) -> Bundle:
    """The same bundle once every digest was counted again: what was handed over may have been changed in memory."""
    files = {**bundle.files, MANIFEST: bundle.manifest_bytes}
    return Bundle.load(files.__getitem__, version)
