"""Logging by the standard library: quiet unless asked, for people or as JSON lines."""

import contextlib
import json
import logging
import logging.handlers
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path

from omloop.core._errors import UnknownNameError
from omloop.core._files import as_store_error
from omloop.core._secrets import without_secrets

LEVELS = ("debug", "info", "warning", "error")
STYLES = ("human", "json")
_FIELDS = ("request_id", "trace_id")
_request: ContextVar[Mapping[str, str]] = ContextVar("omloop_request", default={})  # noqa: B039 - never changed


def log_fields(request: str, trace: str = "") -> dict[str, str]:
    """What a line of the log about a request has, as `extra` of a logger's method takes it.

    >>> log_fields("r1")
    {'request_id': 'r1'}
    """
    return {"request_id": request, "trace_id": trace} if trace else {"request_id": request}


def log_request(request: str, trace: str = "") -> None:
    """From here on, log lines of this task and of the threads that it starts are about this request."""
    _request.set(log_fields(request, trace))


class PlainLines(logging.Formatter):
    """Lines for people, tracebacks too, without what looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC, ISO 8601), level, logger, message, the traceback if any; no secrets.

    A line of a request has its `request_id`, and its `trace_id` if there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)} or _request.get()
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


@contextlib.contextmanager
def quiet_loggers(names: Sequence[str]) -> Iterator[None]:
    """Silence warnings, and all but errors of a library's loggers, for what a user did not choose and cannot mend."""
    logs = [logging.getLogger(name) for name in names]
    levels = [log.level for log in logs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for log in logs:
            log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for log, level in zip(logs, levels, strict=True):
                log.setLevel(level)


def configure_logging(
    level: str = "warning",
    *,
    style: str = "human",
    file: Path | None = None,
    rotate_bytes: int = 10_000_000,
    keep: int = 5,
) -> None:
    """Send omloop's log to standard error, or to `file`, rotated at `rotate_bytes` with `keep` old files.

    `style` is `human` or `json`. Only the command line calls this: a library does not configure logging. Raises
    UnknownNameError for a level or style that does not exist, and StoreError if it cannot write `file`. The log then
    stays as before.
    """
    if level.lower() not in LEVELS:
        raise UnknownNameError("log level", level, LEVELS)
    if style not in STYLES:
        raise UnknownNameError("log style", style, STYLES)
    handler = logging.StreamHandler(sys.stderr) if file is None else _rotating(file, rotate_bytes, keep)
    human = PlainLines("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if style == "json" else human)
    logger = logging.getLogger("omloop")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False


def _rotating(file: Path, rotate_bytes: int, keep: int) -> logging.Handler:
    with as_store_error("write", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        # A file name that is no UTF-8 must not keep its line out of the log: hence the backslashes.
        return logging.handlers.RotatingFileHandler(
            file, maxBytes=rotate_bytes, backupCount=keep, encoding="utf-8", errors="backslashreplace"
        )
