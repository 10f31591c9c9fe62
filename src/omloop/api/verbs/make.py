"""Making: data, training, and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omloop.api.verbs.base import Data, Tags, Verbs
from omloop.core import Annotation, user_name
from omloop.loop.project.discover import project_names
from omloop.loop.project.plan import data_words

if TYPE_CHECKING:
    from omloop.data.dvc import DataRepository
    from omloop.loop.records.compare import DataDiff
    from omloop.loop.records.describe import CheckedData
    from omloop.loop.sweep.sweep import SweepResult
    from omloop.loop.turn.script import ScriptRun
    from omloop.loop.turn.turn import ModelComparison, TurnResult
    from omloop.loop.version.explain import VersionExplanation
    from omloop.loop.version.optimise import OptimiseResult
    from omloop.loop.version.rescore import RescoreResult
    from omloop.loop.version.stress import StressTest


class MakeVerbs(Verbs):
    """Projects and their data, and all by which a run or a version is made."""

    def projects(self) -> list[str]:
        """The names of the projects that can be found, sorted."""
        return project_names(self.places.settings)

    def new(self, name: str, *, like: str = "", kind: str = "") -> Path:
        """Make a new project from one that works, and give its folder; see `omloop new`."""
        from omloop.loop.project.new import new_project

        return new_project(name, self.places, like=like, kind=kind)

    def data(self, project: str, *overrides: str, data: Data = None) -> CheckedData:
        """Check a project's records and describe them. Raises DataError for records that do not fit."""
        from omloop.loop.records.describe import look_at

        return look_at(self._plan(project, overrides, data, by="data"))

    def data_version(self, path: str | Path, *, begin: bool = False) -> DataRepository:
        """Who keeps versions of the data at a path, begun where nobody does and `begin`: see `omloop data-version`."""
        from omloop.loop.records.data_versions import data_repository

        return data_repository(Path(path), begin=begin)

    def data_diff(self, project: str, old: str | Path, *overrides: str, data: Data = None) -> DataDiff:
        """Compare a project's records with an earlier state of them, the file `old`: see `omloop data --against`."""
        from omloop.loop.records.compare import compare_data

        return compare_data(
            self._plan(project, overrides, old, by="data"), self._plan(project, overrides, data, by="data")
        )

    def turn(
        self,
        project: str,
        *overrides: str,
        data: Data = None,
        tags: Tags = None,
        note: str | None = None,
    ) -> TurnResult:
        """Take a project once round: data, train, package, evaluate, gate, promote.

        `overrides` are configuration, such as "model=linear"; `data` is a file of records in place of the configured
        source. The run is kept with the `tags` and the `note`.
        """
        from omloop.loop.turn.turn import turn

        return turn(self._plan(project, overrides, data, by="turn"), annotation=Annotation(tags or {}, note))

    def train(
        self,
        project: str,
        *overrides: str,
        data: Data = None,
        tags: Tags = None,
        note: str | None = None,
    ) -> ModelComparison:
        """Train and compare models as `turn` does, and keep nothing but the run."""
        from omloop.loop.turn.turn import train_only

        return train_only(self._plan(project, overrides, data, by="train"), annotation=Annotation(tags or {}, note))

    def sweep(
        self,
        project: str,
        *words: str,
        on: str = "",
        turn: bool = True,
        tags: Tags = None,
        note: str | None = None,
        **options: Any,
    ) -> SweepResult:
        """Train with many settings, and take the best through a turn, unless `turn` is false; see `omloop sweep`.

        `words` are what is varied, such as "model.lr=log:1e-4,0.1" or "model.hidden=32,64", and configuration that all
        trials share; "sweep=NAME" takes those of the project's `conf/sweep/NAME.yaml`. `options` are those of
        `omloop.loop.sweep.order.SweepOptions`: trials, jobs, method, prune, seed, name, study, seconds. The trials run
        here, or `on` a backend such as "ray", as so many jobs as the option says.
        """
        from omloop.loop.sweep.order import SweepOrder
        from omloop.loop.sweep.sweep import sweep
        from omloop.loop.sweep.sweep_file import with_sweep_file

        found, chosen = with_sweep_file(self._project(project), words, options)
        order = SweepOrder.of(project, found, chosen, self.places)
        return sweep(order, on=on, turned=turn, annotation=Annotation(tags or {}, note), tell=self._tell)

    def evaluate(
        self, project: str, *overrides: str, data: Data = None, version: str | None = None, gate: bool = False
    ) -> RescoreResult:
        """Score a version (the champion by default) on the data; with `gate`, judge it against the champion."""
        from omloop.loop.version.rescore import judge_version

        words = [*data_words(data), *overrides]
        return judge_version(self._project(project), words, self.places, version=version, gate=gate, by=user_name())

    def stress(self, project: str, *overrides: str, data: Data = None, version: str | None = None) -> StressTest:
        """Score a version on inputs that go wrong, ever worse: `omloop evaluate --stress`."""
        from omloop.loop.version.stress import stress_version

        words = [*data_words(data), *overrides]
        return stress_version(self._project(project), words, self.places, version=version)

    def explain(self, project: str, *, version: str | None = None, seed: int = 0) -> VersionExplanation:
        """Which inputs matter to a version (the champion by default); `explain_answer` is for one answer."""
        from omloop.loop.version.explain import explain_version

        return explain_version(self._name(project), self.places, version=version, seed=seed, tell=self._tell)

    def optimise(self, project: str, *overrides: str, version: str | None = None) -> OptimiseResult:
        """Make smaller and faster variants of a version, measure them, and register a version that serves the best."""
        from omloop.loop.version.optimise import optimise_version

        found = self._project(project)
        return optimise_version(found, overrides, self.places, version=version, by=user_name(), tell=self._tell)

    @contextmanager
    def run(
        self, name: str, parameters: Mapping[str, object] | None = None, *, tags: Tags = None, note: str | None = None
    ) -> Iterator[ScriptRun]:
        """Record what a script or a cell does, without a project: `with Workspace().run("students") as run: ...`.

        The run keeps the parameters, the numbers of `run.log(step, {...})`, what `run.metrics({...})` says it came to,
        the files and figures of `run.keep(name, content)`, the environment, every package, the curves of CPU and
        memory, and what the checkout holds that no commit has. It is `failed` where the block raises.
        """
        from omloop.loop.turn.script import script_run

        annotation = Annotation(tags or {}, note)
        with script_run(name, self.places, parameters or {}, annotation, Path.cwd()) as run:
            yield run

    def add_model(self, name: str, model: Any, examples: Any, targets: Any, **options: Any) -> TurnResult:
        """Package, prove, judge and register a model that is fitted already, without a project, as a turn does.

        `model` is a fitted estimator or pipeline of scikit-learn, or of a library like it, or a torch module. It is
        judged on `examples` that it did not learn from, 20 or more, and their `targets`: a data frame of pandas or
        polars, a list of dicts, an array of shape (n, columns), texts, or pictures as an array or a list. What it reads
        and answers is found out from them. `options` are those of `omloop.loop.turn.given.options.AddOptions`: inputs,
        outputs, names, answers, metric, rules, promote, seed, tags, note.

        Raises DataError for examples that do not fit the model, TrainError for a model that cannot be added,
        ExportError for one that ONNX cannot express or that answers otherwise once packaged.
        """
        from omloop.loop.turn.add_model import add_model
        from omloop.loop.turn.given.options import AddOptions

        given, chosen = (model, examples, targets), AddOptions.of(**options)
        return add_model(name, given, self.places, chosen, folder=Path.cwd(), by=user_name(), tell=self._tell)
