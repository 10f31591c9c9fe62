"""Whether the server can record predictions: checked at every poll, and logged when a failure begins and ends."""

import logging
import threading

from omloop.core import Predictions, StoreError

_log = logging.getLogger("omloop.serve")


class LogHealth:
    """The current fault of the prediction log, if any. Safe for threads.

    It asks the `check` of the memory of predictions, if there is one. Otherwise only the results of recording tell.
    """

    def __init__(self, predictions: Predictions, *, strict: bool) -> None:
        self.strict = strict
        self.problem = ""
        self._check = getattr(predictions, "check", None)
        self._lock = threading.Lock()

    def check(self) -> None:
        """Check whether it could keep a record now. Never raises."""
        if self._check is None:
            return
        try:
            self._check(write=bool(self.problem))
        except (StoreError, OSError) as error:
            self.failed(error)
        else:
            self.worked()

    def failed(self, error: Exception) -> None:
        """Note that recording failed, or would fail: the log says so once."""
        with self._lock:
            if not self.problem:
                what = "are not answered" if self.strict else "are answered, and lost to the log"
                _log.error("predictions could not be recorded, and %s until they can be: %s", what, error)
            self.problem = str(error)

    def worked(self) -> None:
        """Note that recording works."""
        if self.problem:
            with self._lock:
                self.problem = ""
                _log.warning("predictions are recorded again")
