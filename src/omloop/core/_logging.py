"""Logging by the standard library: quiet unless asked, for people or as JSON lines."""

import json
import logging
import logging.handlers
import sys
import time
from pathlib import Path

LEVELS = ("debug", "info", "warning", "error")


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC, ISO 8601), level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(
    level: str = "warning",
    *,
    style: str = "human",
    file: Path | None = None,
    rotate_bytes: int = 10_000_000,
    keep: int = 5,
) -> None:
    """Send omloop's log to standard error, or to `file`, rotated at `rotate_bytes` with `keep` old files.

    `style` is `human` or `json`. Only the command line calls this: a library does not configure logging.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=rotate_bytes, backupCount=keep, encoding="utf-8")
    human = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if style == "json" else human)
    logger = logging.getLogger("omloop")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
