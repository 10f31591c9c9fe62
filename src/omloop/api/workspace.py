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
    """Where runs, versions and predictions are kept, and what is done with them: the command line's verbs as methods.

    `folder` is the workspace's, `projects` the folder with one project a sub-folder; both, and every other setting (see
    the page of settings), are those of the command line where they are not given. `tell` is called with what is being
    done, in words; the log has it otherwise. Wherever a project is named, a path to its folder does as well.

    Everything that is refused raises a subclass of `omloop.OmloopError`, in the same words as on the command line.
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
