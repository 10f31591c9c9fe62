"""The web page: a client of the routes of servers and of the workspace. NiceGUI is imported by `ui.app` alone."""

from omloop.ui.client import Source
from omloop.ui.options import PageOptions

__all__ = ["PageOptions", "Source"]
