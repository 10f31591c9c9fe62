"""The version in charge: found, checked and swapped in while requests go on."""

import logging
import threading
import time
from collections.abc import Callable

from omloop.serve.memory import trim_memory
from omloop.serve.version.serving import (
    Problem,
    ReadyOptions,
    Serving,
    Versions,
    cause_of,
    make_ready,
    reason_of,
    with_batch,
)
from omloop.serve.version.trials import Trials

_log = logging.getLogger("omloop.serve")


class Champion:
    """Holds the serving version, and looks for a newer one on `refresh`.

    It refuses a bundle that was changed, fails to load or answers its own examples wrongly; the version before keeps
    serving. It tries again after `retry_s` seconds or when the champion changes. `ReadyOptions` says what `threads`,
    `keep` and `variant` are.
    """

    def __init__(
        self,
        versions: Versions,
        *,
        threads: int = 0,
        keep: bool | None = None,
        variant: str = "",
        retry_s: float = 30.0,  # each try reads and checks a whole bundle
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._versions = versions
        self._how = ReadyOptions(threads, variant, keep)
        self._retry_s = retry_s
        self._clock = clock
        self._lock = threading.Lock()
        self._tried = 0.0
        self._has_batch = True
        self.trials = Trials(versions, self._how, retry_s=retry_s, clock=clock)
        self.serving: Serving | None = None
        self.problem: Problem | None = None
        self.swaps = 0
        self.swap_seconds = 0.0

    def refresh(self) -> bool:
        """Swap in the store's champion if it is another one; says whether it did. Never raises.

        It also looks for a version on trial; see `Trials`. It measures the best batch of the first version only the
        next time, because nothing answers before that version does.

        Blocks for as long as reading and checking a bundle takes: call it off the event loop. A caller that took
        `serving` before keeps a working session.
        """
        with self._lock:
            try:
                lineup = self._versions.lineup()
            except Exception as error:  # a store may be a stranger's adapter
                self._refuse(None, error)
                return False
            swapped = self._refresh(lineup.champion)
            # After the champion: a version that was just promoted is no longer on trial.
            self.trials.refresh(lineup.trial, self.serving)
            return swapped

    def _refresh(self, wanted: str | None) -> bool:
        if not self._has_batch and self.serving is not None:
            self.serving, self._has_batch = self._measured(self.serving), True
            trim_memory()  # of what importing and loading took
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
            if self.serving is not None:
                serving = with_batch(serving)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes; none may stop the version before
            self._refuse(wanted, error)
            return False
        self._has_batch = self.serving is not None
        self.serving, self.problem = serving, None
        self.swaps += 1
        self.swap_seconds += time.perf_counter() - began
        _log.info("version %s of %s serves", wanted, serving.manifest.project)
        return True

    def _measured(self, serving: Serving) -> Serving:
        try:
            return with_batch(serving)
        except Exception as error:  # it has answered its examples: one by one it goes on
            _log.warning("batches of version %s cannot be measured: %s", serving.version, reason_of(error))
            return serving

    def _ready(self, version: str) -> Serving:
        return make_ready(self._versions.load(version), version, self._how, moment=self._clock())

    def told(self) -> dict[str, object] | None:
        """The problem in words for a client; None without one."""
        return None if self.problem is None else self.problem.told()

    def _refuse(self, version: str | None, error: Exception) -> None:
        reason = reason_of(error)
        before = self.problem
        if before is not None and (before.version, before.reason) == (version, reason):
            return
        self.problem = Problem(version, reason, self._clock())
        going_on = f"{self.serving.version} goes on serving" if self.serving else "nothing serves yet"
        what = f"version {version} is refused" if version else "the versions cannot be read"
        _log.error("%s: %s (%s)", what, reason, going_on, exc_info=cause_of(error))
