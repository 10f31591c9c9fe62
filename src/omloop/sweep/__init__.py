"""Sweeps: what may be tried, how it is searched, and what the trials came to. `optuna` is the adapter that searches."""

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
