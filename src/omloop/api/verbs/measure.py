"""Measuring: speed, and what works here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from omloop.api.verbs.base import Verbs

if TYPE_CHECKING:
    from omloop.audit import AuditResult
    from omloop.core import Diagnosis
    from omloop.loop.bench.tune import Tuning
    from omloop.loop.rehearsal.demo import DemoResult
    from omloop.probe import Load, Round
    from omloop.report import Profile


class MeasureVerbs(Verbs):
    """How fast models train, predict and serve on this machine, and how well."""

    def load(self, project: str, *, rate: float = 100.0, seconds: float = 10.0, rows: int = 1) -> Load:
        """Send a server of its own `rate` requests a second, each of `rows`, for some seconds."""
        from omloop.loop.bench.load import P99_S, load_once, subject
        from omloop.loop.bench.load_pages import keep_load
        from omloop.probe import LoadPlan

        name = self._name(project)
        with subject(name, self.places, None) as of:
            found = load_once(of, LoadPlan(rate, seconds), rows=rows)
        keep_load(name, self.places, of, found, p99_s=P99_S)
        return found

    def tune_serve(self, project: str, *, p99_ms: float = 50.0, seconds: float = 120.0) -> Tuning:
        """Find the server settings that serve the champion best here; it writes nothing."""
        from omloop.loop.bench.tune import tune

        return tune(self._name(project), self.places, p99_s=p99_ms / 1000, within_s=seconds, tell=self._tell)

    def profile(
        self,
        project: str,
        *overrides: str,
        what: Literal["train", "predict", "serve"] = "predict",
        seconds: float = 3.0,
    ) -> Profile:
        """Say where the time of a training, a prediction or a server goes."""
        from omloop.loop.bench.profile import profile_predict, profile_serve, profile_train

        if what == "train":
            return profile_train(self._plan(project, overrides, None, by="profile"))[1]
        name = self._name(project)
        if what == "predict":
            return profile_predict(name, self.places, seconds=seconds)
        return profile_serve(name, self.places, rate=100.0, seconds=seconds)

    def probe(self, project: str, url: str) -> Round:
        """Look once at a server from outside: is it alive, ready, and right?"""
        from omloop.loop.bench.probe import known_to, probe_server
        from omloop.probe import Prober, Target

        prober = Prober(Target.of(url), project, known_to(project, self.places), slow_s=1.0, timeout_s=5.0)
        return probe_server(prober, lambda found: None, every_s=0.0, once=True)

    @contextmanager
    def demo(self, project: str = "", *overrides: str) -> Iterator[DemoResult]:
        """Watch the whole circuit turn once, from nothing; its server stays up for as long as the context lasts."""
        from omloop.loop.rehearsal.demo import demo_project, show_circuit

        with show_circuit(demo_project(project, self.places), self.places, overrides, self._tell) as shown:
            yield shown

    def audit(self, path: str | Path = ".") -> AuditResult:
        """Look in the files of any repository for evidence of each item of a check-list; nothing of it is run."""
        from omloop.audit import audit

        return audit(Path(path))

    def doctor(self) -> list[Diagnosis]:
        """What works here, and what is missing."""
        from omloop.loop.doctor import examine

        return examine(self.places)
