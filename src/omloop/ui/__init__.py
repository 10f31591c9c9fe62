"""The web page: a client of the routes of servers and of the workspace. Only `ui.app` loads NiceGUI."""

from omloop.ui.client import Source
from omloop.ui.options import PageOptions

__all__ = ["PageOptions", "Source"]
