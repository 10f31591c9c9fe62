"""Deciding: runs, versions, and who is in charge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from omloop.api.verbs.base import Tags, Verbs
from omloop.core import Annotation, user_name

if TYPE_CHECKING:
    from omloop.core import Event, Trial
    from omloop.loop.version.reproduce import Reproduction
    from omloop.loop.watch.trial import TrialProgress
    from omloop.report import Comparison
    from omloop.track import RunRecord


class DecideVerbs(Verbs):
    """What runs and versions there are, and which version answers."""

    def runs(self, project: str) -> list[RunRecord]:
        """The runs of a project, the newest first."""
        from omloop.loop.runs.runs import runs_of

        return runs_of(self._name(project), self.places)

    def compare(self, project: str, *runs: str) -> Comparison:
        """Compare 2 to 12 runs: metrics, configuration, data, code, packages."""
        from omloop.loop.runs.compare import compare_runs

        return compare_runs(self._name(project), runs, self.places)

    def tag(self, project: str, run: str, tags: Tags = None, *, note: str | None = None) -> RunRecord:
        """Tag a run (an empty value takes a tag away) or write a note to it; gives it as it is now."""
        from omloop.loop.runs.runs import find_run, runs_of

        name = self._name(project)
        found = find_run(runs_of(name, self.places), run, name)
        self.places.tracker().annotate(name, found.name, Annotation(tags or {}, note))
        return find_run(runs_of(name, self.places), found.name, name)

    def mirror(self, project: str, *runs: str) -> list[str]:
        """Send runs to every mirror that `track` names again, and give their names: `omloop mirror`."""
        from omloop.loop.runs.mirror import mirror_runs

        return mirror_runs(self._name(project), runs, self.places, self._tell)

    def versions(self, project: str) -> tuple[str, ...]:
        """The versions of a project, the oldest first."""
        return tuple(self._registry(project).versions())

    def reproduce(self, project: str, version: str | None = None, *, here: bool = False) -> Reproduction:
        """Make a version again (the champion by default) from what its run kept, and compare: `omloop reproduce`."""
        from omloop.loop.version.reproduce import reproduce

        return reproduce(self._project(project), self.places, version, here=here, tell=self._tell)

    def champion(self, project: str) -> str | None:
        """The version in charge, or None."""
        return self._registry(project).champion()

    def history(self, project: str) -> tuple[Event, ...]:
        """Every decision about a project with its evidence, the oldest first."""
        return tuple(self._registry(project).history())

    def promote(
        self, project: str, version: str, *, reason: str = "", force: bool = False, notify: bool = False
    ) -> Event:
        """Make a version champion that the gate found better, or any with `force` and a reason.

        With `notify` it tells the GitHub repository, whose workflow then tests and deploys the version.
        """
        from omloop.loop.deploy.notify import Promotion, notifier, tell_promotion
        from omloop.loop.version.promote import promote_version

        name, registry = self._name(project), self._registry(project)
        tell = notifier(self.places.settings, Path.cwd()) if notify else None
        before = registry.champion()
        event = promote_version(registry, name, version, by=user_name(), reason=reason, force=force)
        if tell is not None:
            tell_promotion(tell, Promotion(name, str(event.champion), before, event.reason))
        return event

    def rollback(self, project: str, *, to: str | None = None, reason: str = "") -> Event:
        """Put an earlier champion back in charge, the one before by default."""
        return self._registry(project).rollback(by=user_name(), reason=reason, to=to)

    def begin_trial(
        self,
        project: str,
        version: str,
        mode: Literal["shadow", "canary"],
        *,
        share: float,
        reason: str = "",
        force: bool = False,
    ) -> Trial:
        """Try a version beside the champion, on a `share` (0 to 1) of requests or callers."""
        from omloop.loop.version.promote import begin_trial

        registry = self._registry(project)
        return begin_trial(registry, version, mode, share=share, by=user_name(), reason=reason, force=force)

    def trial(self, project: str) -> TrialProgress | None:
        """What the trial that runs has shown so far; None where none runs."""
        from omloop.loop.watch.trial import judge_trial

        return judge_trial(self._name(project), self.places)

    def end_trial(self, project: str, *, reason: str = "") -> bool:
        """End the trial that runs; gives whether there was one."""
        registry = self._registry(project)
        found = registry.trial()
        if found is not None:
            registry.end_trial(found, reason=reason, by=user_name())
        return found is not None
