"""An error for a client: a status, a code, and omloop's own words without the places of stores."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.core import (
    BundleError,
    ConflictError,
    InputError,
    MissingExtraError,
    OmloopError,
    StoreError,
    UnknownNameError,
)
from omloop.serve.refusal import Refusal, refused_input

if TYPE_CHECKING:
    from omloop.core import Settings

_log = logging.getLogger("omloop.steer")
_UNREADABLE = "a memory of the workspace cannot be read or written now; the log of whoever runs this page says why"
CODES = {
    "conflict": "Somebody else changed what the request expected in the meantime.",
    "refused": "It cannot be done; the message says why, and what can.",
    "damaged": "The files of a version or a run are incomplete or were changed.",
    "not_installed": "It needs a library that is not installed.",
    "unreadable": "A memory of the workspace cannot be read or written now.",
}
"""The codes that routes of the workspace have beside those of a server."""


def refusal_of(error: OmloopError, settings: Settings) -> Refusal:
    """The refusal that says what went wrong."""
    if isinstance(error, InputError):
        return refused_input(error)
    message = without_places(str(error), settings)
    if isinstance(error, UnknownNameError):
        return Refusal(404, message)
    if isinstance(error, ConflictError):
        return Refusal(409, message, code="conflict")
    if isinstance(error, StoreError):
        _log.error("%s", error)
        return Refusal(503, _UNREADABLE, code="unreadable")
    if isinstance(error, MissingExtraError):
        return Refusal(503, message, code="not_installed")
    if isinstance(error, BundleError):
        return Refusal(503, message, code="damaged")
    return Refusal(422, message, code="refused")


def without_places(message: str, settings: Settings) -> str:
    """A message that names the workspace in place of its folder, which is nobody's business elsewhere.

    >>> from omloop.core import Settings
    >>> without_places("no run in /srv/ws/runs, nor in /srv/wsx", Settings(workspace="/srv/ws"))
    'no run in the workspace/runs, nor in /srv/wsx'
    """
    root = Path(settings.workspace).expanduser()
    for place in sorted({str(root), str(root.resolve())}, key=len, reverse=True):
        message = re.sub(rf"(?<![\w./~-]){re.escape(place)}(?=[/'\s,:;)]|\.?$)", "the workspace", message)
    return message
