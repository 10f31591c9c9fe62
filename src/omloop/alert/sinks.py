"""Where alerts go: the verb that every sink has, and the table of those there are."""

from typing import Protocol

from omloop.alert.alert import Alert
from omloop.core import Backends


class Sink(Protocol):
    """A receiver of alerts. It may get the same one twice; `id` and `state` tell."""

    def send(self, alert: Alert) -> None:
        """Deliver one alert; raises OmloopError, with no secret in it, when that failed."""


SINKS = Backends(
    "sink",
    {
        "email": "omloop.alert.email:email_sink",
        "file": "omloop.alert.file:file_sink",
        "log": "omloop.alert.log:log_sink",
        "webhook": "omloop.alert.webhook:webhook_sink",
    },
)
"""The maker of a sink from its section of the file and the folder of the project's alerts."""
