"""The memory of runs: configuration, numbers by step, environment, plots."""

from omloop.track.environment import environment, git_state, package_versions
from omloop.track.fit_plots import PLOTS, threshold_curve
from omloop.track.plots import backtest_curves, embedding_map, importance, loss_curve, menu_plot, stress_curves
from omloop.track.trackers import TRACKERS

__all__ = [
    "PLOTS",
    "TRACKERS",
    "backtest_curves",
    "embedding_map",
    "environment",
    "git_state",
    "importance",
    "loss_curve",
    "menu_plot",
    "package_versions",
    "stress_curves",
    "threshold_curve",
]
