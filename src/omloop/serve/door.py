"""Counts refused requests of every address by the field at fault, for the log and `/metrics`.

Counts of a second are one record, so that a flood of bad requests cannot fill the disk. It never keeps values.
"""

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from omloop.core import BODY, PROBE_KEY, InputError, OmloopError, Predictions, RefusalCount
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving

SPAN_S = 1.0
"""Refusals of a second are one record: who sends a flood of bad requests must not fill the log."""
OF_THE_BODY = (400, 413, 415, 422)
"""Statuses that blame the request; others blame the server, or the network."""
_log = logging.getLogger("omloop.serve")


class Door:
    """Counts requests with a refused body, and records the counts about a second later. Safe for threads."""

    def __init__(
        self, predictions: Predictions, metrics: Metrics, clock: Callable[[], float], *, span_s: float = SPAN_S
    ) -> None:
        self._predictions = predictions
        self._metrics = metrics
        self._clock = clock
        self._span_s = span_s
        self._lock = threading.Lock()
        self._rows: Counter[tuple[str, str, str]] = Counter()
        self._since = 0.0
        self._timer: threading.Timer | None = None

    def count(self, serving: Serving, error: InputError, rows: int) -> None:
        """Count a request that a version could not read, by its rows."""
        self._add(serving, field_of(error.field, serving.kind.fields), reason_of(error), rows)

    @contextlib.contextmanager
    def counting(self, serving: Serving, headers: Mapping[str, str]) -> Iterator[None]:
        """Count the request, as one row, if its body is refused within, before any version could read it."""
        try:
            yield
        except Refusal as refusal:
            if refusal.status in OF_THE_BODY and headers.get("x-caller-key") != PROBE_KEY:
                self._add(serving, BODY, _reason_of(refusal), 1)
            raise

    def settle(self) -> None:
        """Record the counts; if that fails, they keep adding up. Never raises."""
        with self._lock:
            counted, self._rows, self._timer = self._rows, Counter(), None
            since = self._since
        try:
            self._predictions.record_refusals([RefusalCount(since, *key, rows) for key, rows in counted.items()])
        except (OmloopError, OSError) as error:
            _log.warning("what was refused could not be recorded: %s", error)
            with self._lock:
                self._rows += counted
                self._since = since

    def _add(self, serving: Serving, field: str, reason: str, rows: int) -> None:
        self._metrics.refusals.add(field, reason)
        with self._lock:
            if not self._rows:
                self._since = self._clock()
            self._rows[serving.version, field, reason] += rows
            if self._timer is None:
                self._timer = threading.Timer(self._span_s, self.settle)
                self._timer.daemon = True
                self._timer.start()


def field_of(path: str, known: tuple[str, ...]) -> str:
    """The column of the signature that a path in a body names.

    >>> field_of("rows[3].age", ("age",)), field_of("rows[3].made up", ("age",)), field_of("", ("age",))
    ('age', '(body)', '(body)')
    """
    name = path.partition("].")[2] or path
    return name if name in known else BODY


def reason_of(error: InputError) -> str:
    """The reason of the refusal, as one of `omloop.bundle.reference.reference.OUTCOMES`.

    >>> reason_of(InputError("is missing; send an integer", "rows[0].age")), reason_of(InputError("'x' is no number"))
    ('empty', 'refused')
    """
    if error.__cause__ is not None:
        return "undecodable"
    return _absent_or_refused(error.reason)


def rows_in(content: bytes, media_type: str, most: int) -> int:
    """About how many rows a body asks for, without reading it: objects of JSON, lines of CSV behind the first.

    >>> rows_in(b'{"rows": [{"age": 1}, {"age": "x"}]}', "application/json", most=100)
    2
    >>> rows_in(b"age\\nx\\n", "text/csv", most=100)
    1
    """
    plain = media_type.partition(";")[0].strip().lower()
    found = {"application/json": content.count(b"{") - 1, "text/csv": content.count(b"\n") - 1}.get(plain, 1)
    return max(1, min(found, most))


def _reason_of(refusal: Refusal) -> str:
    if refusal.status == 400 and refusal.__cause__ is not None:
        return "undecodable"
    return _absent_or_refused(refusal.message)


def _absent_or_refused(told: str) -> str:
    return "empty" if told.startswith(("is missing", "is empty")) else "refused"
