"""The table of prediction memories, by name."""

from omloop.core import Backends

PREDICTIONS = Backends(
    "predictions",
    {"files": "omloop.monitor.files:FilePredictions", "postgres": "omloop.monitor.index.postgres:PostgresPredictions"},
)
