"""The version on trial beside the champion: found, checked, and dropped again if it fails.

See docs/decisions/0026-a-trial-beside-the-champion.md.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from omloop.core import ConflictError, Trial
from omloop.serve.version.serving import (
    Problem,
    ReadyOptions,
    Serving,
    Versions,
    cause_of,
    iso,
    make_ready,
    reason_of,
    with_batch,
)

ERRORS = 3
"""So often may a canary fail where the champion answers; then the server leaves it alone."""

_log = logging.getLogger("omloop.serve")


@dataclass(frozen=True)
class Candidate:
    """The version on trial, ready to answer."""

    trial: Trial
    serving: Serving

    def takes(self, key: str) -> bool:
        """Whether the trial's share has `key` in it.

        Every process gets the same answer. A larger share of the same version keeps its keys and adds more.
        """
        told = hashlib.blake2b(key.encode(), digest_size=8, person=self.trial.version.encode()[:16]).digest()
        return int.from_bytes(told) < self.trial.share * 2**64


class Trials:
    """Holds the version on trial, and looks for another one on `refresh`.

    It refuses a bundle that was changed, fails to load or answers its own examples wrongly, logs that, and tries again
    after `retry_s` seconds. A canary runs as the champion does, a shadow in one thread. A canary that failed `ERRORS`
    times stops at once. The next refresh ends its trial in the store, if the server may write there.
    """

    def __init__(self, versions: Versions, how: ReadyOptions, *, retry_s: float, clock: Callable[[], float]) -> None:
        self._versions = versions
        self._how = how
        self._retry_s = retry_s
        self._clock = clock
        self._lock = threading.Lock()
        self._tried = 0.0
        self._asked: float | None = None
        self._failures = 0
        self._stopped: Trial | None = None
        self._trial: Trial | None = None
        self.candidate: Candidate | None = None
        self.problem: Problem | None = None

    def refresh(self, wanted: Trial | None, champion: Serving | None) -> None:
        """Load the `wanted` trial, or forget one that is over. Never raises; blocks while it reads a bundle."""
        if wanted != self._trial:
            self._begin(wanted)
        if wanted is None:
            return
        if wanted == self._stopped:
            self._end(wanted)
        elif self.candidate is None and champion is not None and champion.version != wanted.version and self._due():
            self._load(wanted)

    def failed(self, candidate: Candidate, count: int) -> None:
        """Count answers that the champion had to give for a canary; at `ERRORS` of them it is over here, at once."""
        with self._lock:
            # A thread may still be answering for a trial that is over: its failures say nothing of the next one.
            if candidate is not self.candidate:
                return
            self._failures += count
            if self._failures < ERRORS:
                return
            reason = f"it failed {self._failures} times where the champion answered"
            self._stopped, self.candidate = candidate.trial, None
            self.problem = Problem(candidate.trial.version, reason, self._clock())
        _log.error("canary %s is stopped: %s", candidate.trial.version, reason)

    def told(self) -> dict[str, object] | None:
        """The trial in words for a client; None without one."""
        trial, problem = self._trial, self.problem
        if trial is None:
            return None
        about = {"version": trial.version, "mode": trial.mode, "share": trial.share, "since": iso(trial.since)}
        return {**about, "runs": self.candidate is not None, "problem": None if problem is None else problem.told()}

    def _begin(self, wanted: Trial | None) -> None:
        with self._lock:
            before, self._trial = self._trial, wanted
            self.candidate = self.problem = self._stopped = None
            self._failures, self._asked = 0, None
        if before is not None:
            _log.info("the trial of version %s is over", before.version)

    def _due(self) -> bool:
        return self.problem is None or self._clock() - self._tried >= self._retry_s

    def _load(self, wanted: Trial) -> None:
        self._tried = self._clock()
        how = self._how if wanted.mode == "canary" else replace(self._how, threads=1)
        try:
            bundle = self._versions.load(wanted.version)
            serving = with_batch(make_ready(bundle, wanted.version, how, moment=self._clock()))
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes; none may stop the champion
            self._refuse(wanted, error)
            return
        self.candidate, self.problem = Candidate(wanted, serving), None
        _log.info("version %s is tried as a %s, with a share of %g", wanted.version, wanted.mode, wanted.share)

    def _refuse(self, wanted: Trial, error: Exception) -> None:
        reason = reason_of(error)
        if self.problem is None or self.problem.reason != reason:
            self.problem = Problem(wanted.version, reason, self._clock())
            told = "version %s is refused, so it is not tried: %s"
            _log.error(told, wanted.version, reason, exc_info=cause_of(error))

    def _end(self, trial: Trial) -> None:
        if self._asked is not None and self._clock() - self._asked < self._retry_s:
            return
        self._asked = self._clock()
        try:
            self._versions.end_trial(trial, reason=self.problem.reason if self.problem else "", by="serve")
        except ConflictError:
            pass  # somebody else was first; the next look shows it
        except Exception as error:
            _log.warning("the trial of %s cannot be ended in the store, only here: %s", trial.version, error)
