"""Making elsewhere: jobs on another machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omloop.api.verbs.base import Tags, Verbs
from omloop.core import Annotation

if TYPE_CHECKING:
    from omloop.loop.jobs.jobs import SubmittedJob


class SubmitVerbs(Verbs):
    """Turns that run elsewhere, and what becomes of them."""

    def submit(
        self, project: str, *overrides: str, on: str, tags: Tags = None, note: str | None = None
    ) -> SubmittedJob:
        """Begin a turn elsewhere, on "local", "slurm", "lsf", "ray" or "vertex": `omloop turn --on`.

        The job gives its `status()` and `logs()`; `wait` waits for its end, and `cancel` ends it. It uses this
        workspace's folder and the settings of the environment and omloop.toml. It does not see settings given only
        here.
        """
        from omloop.loop.jobs.jobs import submit_job

        self._plan(project, overrides, None, by="turn")  # refuses what no turn could be configured with
        words = ["turn", project, *overrides, *Annotation(tags or {}, note).words()]
        return submit_job(self.places, on, self._name(project), words)

    def jobs(self, project: str | None = None) -> list[SubmittedJob]:
        """The jobs that run elsewhere, of all projects or of one, the newest first: `omloop jobs`."""
        from omloop.loop.jobs.jobs import jobs_of

        return jobs_of(self.places, project)

    def job(self, job: str) -> SubmittedJob:
        """The job with that id, or whose id begins or ends with it."""
        from omloop.loop.jobs.jobs import find_job

        return find_job(self.places, job)
