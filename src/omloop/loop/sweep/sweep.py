"""A sweep from its first trial to a version: workers, progress, plots, and the turn of the best."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.core import Annotation, Facts, TrainError, number_text, write_whole
from omloop.loop.project.plan import Plan
from omloop.loop.serving.server_process import ended_by_signals
from omloop.loop.sweep.order import Sweep, SweepOrder
from omloop.loop.sweep.worker import enough, is_gone, work
from omloop.loop.sweep.workers import run_workers
from omloop.loop.turn.turn import turn
from omloop.sweep import SweepTrial, best_of, ranked

if TYPE_CHECKING:
    from pathlib import Path

    from omloop.loop.turn.turn import TurnResult
    from omloop.sweep.optuna import OptunaStudy

    Tell = Callable[[str], None]

WORTH_S = 10.0
"""How often to compute the importance of parameters; it takes a second."""
WORTH_FROM = 10
NAMED = 4


@dataclass(frozen=True, repr=False)
class SweepResult(Facts):
    """The result of a sweep. `ranked` are the trials with a score, the best first; `overrides` configure that one.

    `importance` says what each parameter is worth.

    `turned` is the turn of the best, or None. `folder` holds the table of trials and the plots.
    """

    project: str
    name: str
    metric: str
    trials: tuple[SweepTrial, ...]
    ranked: tuple[SweepTrial, ...]
    overrides: tuple[str, ...]
    importance: Mapping[str, float]
    folder: Path
    turned: TurnResult | None
    seconds: float

    @property
    def best(self) -> SweepTrial:
        """The best trial."""
        return self.ranked[0]

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {
            "project": self.project,
            "sweep": self.name,
            "trials": sum(trial.over for trial in self.trials),
            "best": f"{self.metric} {number_text(self.best.value or 0.0)} ({' '.join(self.overrides)})",
            "version": self.turned.version if self.turned else None,
        }


def sweep(
    order: SweepOrder, *, on: str = "", turned: bool = True, annotation: Annotation | None = None, tell: Tell
) -> SweepResult:
    """Run trials until there are enough, and take the best through a turn, unless `turned` is false.

    Trials run in this process or in some more, or `on` a backend, in as many jobs as the order says. If an earlier
    sweep of the same order ended, for whatever reason, this one continues it. Raises TrainError if no trial finishes,
    and the refusals of a worker.
    """
    begun = time.monotonic()
    found = Sweep.of(order)
    study, options = found.study(), order.options
    until = begun + options.seconds if options.seconds else math.inf
    progress = _Progress(found, study, tell)
    with ended_by_signals():
        while True:
            study.release(is_gone)
            if time.monotonic() >= until or enough(found, study):
                break
            if options.jobs == 1 and not on:
                work(found, until, progress.show, lambda text: None)
            else:
                run_workers(found, study, until, on, progress.show)
    trials = study.trials()
    places = tuple(ranked(trials, higher_is_better=found.rules.higher_is_better))
    if not places:
        raise TrainError(_why_none(trials))
    overrides, importance = found.space.overrides(places[0].words), study.importance()
    _keep(found, study, trials, importance)
    turned_best = None
    if turned:
        tell(f"turn: {' '.join(overrides)}, the best of {sum(trial.over for trial in trials)} trials")
        plan = Plan.of(found.project, overrides, found.workspace, by="omloop sweep", tell=tell)
        said = annotation or Annotation()
        turned_best = turn(plan, annotation=replace(said, tags={"sweep": found.name, **said.tags}))
    return SweepResult(
        project=found.project.name,
        name=found.name,
        metric=found.metric,
        trials=trials,
        ranked=places,
        overrides=overrides,
        importance=importance,
        folder=found.folder,
        turned=turned_best,
        seconds=time.monotonic() - begun,
    )


class _Progress:
    """Tells of each trial that ended since it last looked: the best so far, what each parameter is worth, time left."""

    def __init__(self, sweep: Sweep, study: OptunaStudy, tell: Tell) -> None:
        self._sweep, self._tell, self._begun = sweep, tell, time.monotonic()
        before = study.trials()
        self._told = {trial.number for trial in before if trial.over}
        self._before, self._most = len(self._told), sweep.most(study)
        self._worth, self._worked_out = "", -math.inf
        if self._told:
            tell(f"sweep {sweep.name}: {len(self._told)} of {self._most} trials are there")
        else:
            tell(f"sweep {sweep.name}: {self._most} trials, {sweep.order.options.method}")

    def show(self, study: OptunaStudy) -> None:
        trials = study.trials()
        over = sum(trial.over for trial in trials)
        best = best_of(trials, higher_is_better=self._sweep.rules.higher_is_better)
        for trial in trials:
            if trial.over and trial.number not in self._told:
                self._told.add(trial.number)
                parts = [self._line(trial), self._best(best), self._left(over), self._worths(study, over)]
                self._tell(f"{len(self._told)} of {self._most}: " + "; ".join(filter(None, parts)))

    def _line(self, trial: SweepTrial) -> str:
        words = " ".join(f"{key}={word}" for key, word in trial.words.items())
        if trial.state == "failed":
            return f"trial {trial.number} failed: {trial.reason} ({words})"
        took = f", {trial.seconds:.1f} s" if trial.seconds else ""
        came = "pruned" if trial.value is None else f"{self._sweep.metric} {number_text(trial.value)}"
        return f"trial {trial.number}, {words}: {came}{took}"

    def _best(self, best: SweepTrial | None) -> str:
        return f"best {number_text(best.value or 0.0)} (trial {best.number})" if best else ""

    def _left(self, over: int) -> str:
        done, rest = over - self._before, self._most - over
        seconds = (time.monotonic() - self._begun) / done * rest if done else 0.0
        return f"{_span(seconds)} left" if rest > 0 and done else ""

    def _worths(self, study: OptunaStudy, over: int) -> str:
        now = time.monotonic()
        if over >= WORTH_FROM and now - self._worked_out >= WORTH_S:
            self._worth = worth_text(study.importance())
            self._worked_out = time.monotonic()
            return self._worth
        return ""


def worth_text(importance: Mapping[str, float]) -> str:
    """What parameters are worth, in words.

    >>> worth_text({"model.lr": 0.7, "model.hidden": 0.3})
    'worth: model.lr 70 %, model.hidden 30 %'
    """
    most = [f"{key} {share:.0%}".replace("%", " %") for key, share in [*importance.items()][:NAMED]]
    return f"worth: {', '.join(most)}" if most else ""


def _span(seconds: float) -> str:
    """A length of time in one unit.

    >>> _span(42), _span(600), _span(7800)
    ('42 s', '10 min', '2.2 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _why_none(trials: tuple[SweepTrial, ...]) -> str:
    failed = [trial.reason for trial in trials if trial.state == "failed" and trial.reason]
    if failed:
        return f"None of {len(trials)} trials came to its end. The last that failed: {failed[-1]}"
    return "No trial came to its end. Give the sweep more trials or more time, or --prune none."


def _keep(sweep: Sweep, study: OptunaStudy, trials: tuple[SweepTrial, ...], importance: Mapping[str, float]) -> None:
    """Write the table of trials and the plots into the sweep's folder."""
    from omloop.sweep.plots import sweep_plots

    text = io.StringIO(newline="")
    rows = csv.writer(text)
    keys = list(sweep.space.parameters)
    rows.writerow(["trial", "state", sweep.metric, *keys, "seconds", "run", "reason"])
    for trial in trials:
        words = [trial.words.get(key, "") for key in keys]
        value = "" if trial.value is None else trial.value
        rows.writerow([trial.number, trial.state, value, *words, trial.seconds or "", trial.run, trial.reason])
    write_whole(sweep.folder / "trials.csv", text.getvalue().encode())
    for name, png in sweep_plots(study, sweep.metric, importance).items():
        write_whole(sweep.folder / "plots" / f"{name}.png", png)
