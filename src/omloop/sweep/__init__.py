"""Sweeps: the space of settings, the search, and the results of trials. `optuna` is the adapter that searches."""

from omloop.sweep.space import MODEL, Choices, Range, Space, read_parameter, read_space
from omloop.sweep.study import METHODS, PRUNERS, SearchRules, SweepTrial, best_of, ranked

__all__ = [
    "METHODS",
    "MODEL",
    "PRUNERS",
    "Choices",
    "Range",
    "SearchRules",
    "Space",
    "SweepTrial",
    "best_of",
    "ranked",
    "read_parameter",
    "read_space",
]
