"""The memory of predictions: the answers, and the true labels."""

from omloop.monitor.backends import PREDICTIONS
from omloop.monitor.feedback import LabelState, judge
from omloop.monitor.files import FilePredictions
from omloop.monitor.ids import new_id
from omloop.monitor.index.index import Damage
from omloop.monitor.log.keeping import Keeping

__all__ = [
    "PREDICTIONS",
    "Damage",
    "FilePredictions",
    "Keeping",
    "LabelState",
    "judge",
    "new_id",
]
