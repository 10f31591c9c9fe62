"""What an answer hangs on: Shapley values of its pieces, by the packaged model."""

from omloop.explain.answer import MOST_ROWS, explain_answer
from omloop.explain.background import background_of
from omloop.explain.mean import mean_contributions

__all__ = [
    "MOST_ROWS",
    "background_of",
    "explain_answer",
    "mean_contributions",
]
