"""The repository of a team round one project: set-up, checks, tests, documentation, report, and who works on it."""

from __future__ import annotations

from collections.abc import Mapping

from omloop.deploy.service import Service
from omloop.deploy.templates import render_folder


def repository_files(service: Service, *, baseline: str, version: str) -> Mapping[str, str]:
    """The files beside a project and its delivery, by their paths; `baseline` is its model that trains in a moment.

    `version` is that of omloop.
    """
    return render_folder(
        "repository",
        project=service.project,
        host=service.host,
        summary=service.summary,
        python=service.python,
        extras=service.extras["train"],
        omloop=version,
        quick=f'"model={baseline}"',
    )
