"""The table of prediction memories, by name."""

from omloop.core import Backends

PREDICTIONS = Backends(
    "predictions",
    {
        "files": "omloop.monitor.files:FilePredictions",
        "gs": "omloop.monitor.remote:RemotePredictions",
        "postgres": "omloop.monitor.index.postgres:PostgresPredictions",
        "s3": "omloop.monitor.remote:RemotePredictions",
    },
)
