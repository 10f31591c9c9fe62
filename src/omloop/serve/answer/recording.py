"""Whether predictions can be recorded: asked at every poll, and told in the log when it begins and when it ends."""

import logging
import threading

from omloop.core import Predictions, StoreError

_log = logging.getLogger("omloop.serve")


class LogHealth:
    """What is wrong with the prediction log now, if anything. Safe for threads.

    Where the memory of predictions has a `check`, it is asked; another one is only known by the records it took.
    """

    def __init__(self, predictions: Predictions, *, strict: bool) -> None:
        self.strict = strict
        self.problem = ""
        self._check = getattr(predictions, "check", None)
        self._lock = threading.Lock()

    def check(self) -> None:
        """Ask whether a record could be kept now. Never raises."""
        if self._check is None:
            return
        try:
            self._check(write=bool(self.problem))
        except (StoreError, OSError) as error:
            self.failed(error)
        else:
            self.worked()

    def failed(self, error: Exception) -> None:
        """Something was not recorded, or would not be: the log says so once."""
        with self._lock:
            if not self.problem:
                what = "are not answered" if self.strict else "are answered, and lost to the log"
                _log.error("predictions could not be recorded, and %s until they can be: %s", what, error)
            self.problem = str(error)

    def worked(self) -> None:
        """Something was recorded, or would be."""
        if self.problem:
            with self._lock:
                self.problem = ""
                _log.warning("predictions are recorded again")
