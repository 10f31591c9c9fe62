"""The examples that travel with omloop: whole projects to try, and to begin from."""

from __future__ import annotations

from pathlib import Path

from omloop.core import Settings

DEMO = "student_performance"
"""The example of `omloop demo` without a project: it needs no library for networks."""


def examples() -> dict[str, Path]:
    """The folder of every example, by its name; in a checkout these are its own `projects/`."""
    package = Path(__file__).parents[2]
    places = (package / "examples", package.parents[1] / "projects")
    root = next((place for place in places if place.is_dir()), None)
    return {} if root is None else {path.parent.name: path.parent for path in sorted(root.glob("*/project.py"))}


def examples_beside(settings: Settings) -> dict[str, Path]:
    """The examples with a name here: none if the settings name another folder of projects.

    A set folder means its own projects: a watch in the wrong folder must not retrain an example.
    """
    return examples() if settings.projects == Settings.projects else {}
