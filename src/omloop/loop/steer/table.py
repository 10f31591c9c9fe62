"""The table of all routes: a new one is a line here and a function in the file of its subject."""

from __future__ import annotations

from omloop.loop.steer.about import about
from omloop.loop.steer.projects import list_projects
from omloop.loop.steer.request import SteerRoute


def routes() -> list[SteerRoute]:
    """Every route, in the order in which addresses are compared with them: fixed words before what a path names."""
    return [
        SteerRoute("GET", "", about),
        SteerRoute("GET", "/", about),
        SteerRoute("GET", "/projects", list_projects),
    ]
