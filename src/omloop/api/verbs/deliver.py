"""Delivering: the files by which a project is tested and deployed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omloop.api.verbs.base import Verbs

if TYPE_CHECKING:
    from omloop.deploy import GeneratedFile
    from omloop.loop.deploy.eject import Ejected
    from omloop.loop.deploy.files import DeployMode
    from omloop.loop.deploy.google import CloudDelivery
    from omloop.loop.deploy.init import MadeRepository
    from omloop.loop.report.check import CheckedReport


class DeliverVerbs(Verbs):
    """What a team's repository, a platform or a plain server needs of a project."""

    def init(self, project: str | Path, root: str | Path = ".") -> MadeRepository:
        """Write what a team's repository at `root` has beside a project that lies in it; see `omloop init`."""
        from omloop.loop.deploy.init import init_repository

        return init_repository(str(project), self.places, Path(root), tell=self._tell)

    def deploy(
        self,
        project: str,
        target: str,
        root: str | Path = ".",
        *,
        mode: DeployMode = "write",
        update: bool = False,
    ) -> Sequence[GeneratedFile]:
        """Write the files that deliver a project to a target, such as "docker", into the repository at `root`.

        "force" overwrites what was changed by hand too, "check" writes nothing; with `update` the packages of images
        are locked anew. See `omloop deploy`.
        """
        from omloop.loop.deploy.files import deploy_files

        return deploy_files(target, project, self.places, Path(root), mode=mode, update=update, tell=self._tell)

    def cloud(self, project: str, root: str | Path = ".") -> CloudDelivery:
        """A project's delivery to Google Cloud: its `plan()`, `apply(plan)`, `removal()` and `examine()`.

        See `omloop deploy plan`. Its files are those of `deploy(project, "google")`.
        """
        from omloop.loop.deploy.google import cloud_delivery

        return cloud_delivery(project, self.places, Path(root))

    def eject(self, project: str, into: str | Path | None = None) -> Ejected:
        """Write the champion as a plain project that needs no omloop, into a new folder; see `omloop eject`."""
        from omloop.loop.deploy.eject import eject_project

        return eject_project(project, self.places, None if into is None else Path(into))

    def report(self, path: str | Path = ".", *, template: str = "") -> CheckedReport:
        """Judge a course's report as its checker does, and tell what that does not see; see `omloop report check`.

        `template` is the year whose limits are taken, "2026" or "2025"; the report's own text tells it otherwise.
        """
        from omloop.loop.report.check import check_report

        return check_report(path, template)

    def report_page(self, path: str | Path = ".", output: str | Path | None = None) -> Path:
        """Write a course's report as one web page, and say where; see `omloop report html`."""
        from omloop.loop.report.html import write_report_page

        return write_report_page(path, output)

    def build_report(self, project: str, into: str | Path | None = None) -> Sequence[Path]:
        """Write a project's own report and its champion's model card into a folder; see `omloop report build`."""
        from omloop.loop.report.build import build_report

        return build_report(project, self.places, into)
