"""The table of trackers."""

from omloop.core import Backends

TRACKERS = Backends("track", {"files": "omloop.track.files:FileTracker"})
