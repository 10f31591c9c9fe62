"""One value with every verb of the command line."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from omloop.api.verbs.base import Tell
from omloop.api.verbs.decide import DecideVerbs
from omloop.api.verbs.deliver import DeliverVerbs
from omloop.api.verbs.make import MakeVerbs
from omloop.api.verbs.measure import MeasureVerbs
from omloop.api.verbs.serve import ServeVerbs
from omloop.api.verbs.submit import SubmitVerbs
from omloop.api.verbs.watch import WatchVerbs
from omloop.loop.workspace import Workspace as Places

LOG = logging.getLogger("omloop.api")


class Workspace(MakeVerbs, SubmitVerbs, DeliverVerbs, DecideVerbs, ServeVerbs, WatchVerbs, MeasureVerbs):
    """A store of runs, versions and predictions, with the command line's verbs as methods.

    `folder` is the workspace's folder. `projects` is the folder of projects, one sub-folder each. Any setting that you
    leave out, these two included, is that of the command line (see the page of settings). `tell` receives each step in
    words; without it the steps go to the log. Wherever a method takes a project's name, it also takes a path to its
    folder.

    Every refusal raises a subclass of `omloop.OmloopError`, in the words of the command line.
    """

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        projects: str | Path | None = None,
        tell: Tell = LOG.info,
        **settings: Any,
    ) -> None:
        given = {"workspace": folder, "projects": projects}
        named = {key: str(value) for key, value in given.items() if value is not None}
        super().__init__(Places.of(**named, **settings), tell)

    def __repr__(self) -> str:
        return f"<Workspace: {self.places.root}, projects in {self.places.settings.projects}>"
