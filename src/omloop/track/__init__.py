"""The memory of runs: configuration, numbers by step, environment, plots."""

from omloop.track.environment import environment, git_state, package_versions
from omloop.track.plots import PLOTS, embedding_map, importance, loss_curve
from omloop.track.trackers import TRACKERS

__all__ = [
    "PLOTS",
    "TRACKERS",
    "embedding_map",
    "environment",
    "git_state",
    "importance",
    "loss_curve",
    "package_versions",
]
