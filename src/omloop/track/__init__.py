"""The memory of runs: configuration, numbers by step, environment, plots."""

from omloop.track.environment import environment, git_state, package_versions
from omloop.track.trackers import TRACKERS

__all__ = ["TRACKERS", "environment", "git_state", "package_versions"]
