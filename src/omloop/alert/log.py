"""Alerts in omloop's own log, by the standard library."""

import logging
from pathlib import Path

from omloop.alert.alert import Alert, in_words
from omloop.alert.section import Section

LOG = logging.getLogger("omloop.alert")
LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "critical": logging.ERROR}


class LogSink:
    """Logs each alert in one line: as information, a warning or, when a critical one is raised, an error."""

    def send(self, alert: Alert) -> None:
        """Log it."""
        level = LEVELS[alert.severity]
        LOG.log(level if alert.state == "raised" else min(level, logging.WARNING), "%s", in_words(alert))


def log_sink(section: Section, home: Path) -> LogSink:
    """The sink that a section describes; it has no options."""
    section.only()
    return LogSink()
