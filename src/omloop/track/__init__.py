"""The memory of runs: configuration, numbers by step, environment, use of the machine, plots."""

from omloop.track.changes import uncommitted_changes
from omloop.track.embedding import neighbour_map
from omloop.track.environment import all_packages, environment, git_state, package_versions
from omloop.track.files import FileTracker
from omloop.track.fit_plots import PLOTS, TABLES, threshold_curve
from omloop.track.flat import flat_settings
from omloop.track.mirrored import MirroredTracker
from omloop.track.outbox import Outbox
from omloop.track.plots import backtest_curves, embedding_map, importance, loss_curve, menu_plot, stress_curves
from omloop.track.record import RunRecord, read_record
from omloop.track.system import Sampler
from omloop.track.system_plot import system_plot
from omloop.track.trackers import MIRRORS, TRACKERS, open_outboxes, split_setting

__all__ = [
    "MIRRORS",
    "PLOTS",
    "TABLES",
    "TRACKERS",
    "FileTracker",
    "MirroredTracker",
    "Outbox",
    "RunRecord",
    "Sampler",
    "all_packages",
    "backtest_curves",
    "embedding_map",
    "environment",
    "flat_settings",
    "git_state",
    "importance",
    "loss_curve",
    "menu_plot",
    "neighbour_map",
    "open_outboxes",
    "package_versions",
    "read_record",
    "split_setting",
    "stress_curves",
    "system_plot",
    "threshold_curve",
    "uncommitted_changes",
]
