"""The verbs of the command line from Python."""

from omloop.api.rows import PredictResult
from omloop.api.server import RunningServer
from omloop.api.workspace import Workspace

__all__ = [
    "PredictResult",
    "RunningServer",
    "Workspace",
]
