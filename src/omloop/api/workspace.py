"""One value with every verb of the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from omloop.api.rows import PredictResult, body_of
from omloop.api.server import RunningServer
from omloop.core import Annotation, user_name
from omloop.loop.project.discover import find_project, project_name, project_names
from omloop.loop.project.plan import data_words
from omloop.loop.workspace import Workspace as Places

if TYPE_CHECKING:
    from omloop.alert import Alert
    from omloop.core import Diagnosis, Event, Project, Receipt, Trial
    from omloop.data.dvc import DataRepository
    from omloop.deploy import GeneratedFile
    from omloop.loop.bench.tune import Tuning
    from omloop.loop.deploy.eject import Ejected
    from omloop.loop.deploy.files import DeployMode
    from omloop.loop.deploy.google import CloudDelivery
    from omloop.loop.deploy.init import MadeRepository
    from omloop.loop.jobs.jobs import SubmittedJob
    from omloop.loop.project.plan import Plan
    from omloop.loop.records.compare import DataDiff
    from omloop.loop.records.describe import CheckedData
    from omloop.loop.rehearsal.backtest import Backtest
    from omloop.loop.rehearsal.demo import DemoResult
    from omloop.loop.rehearsal.drill import DrillResult
    from omloop.loop.serving.batch.batch import BatchResult
    from omloop.loop.serving.replay import Replays
    from omloop.loop.sweep.sweep import SweepResult
    from omloop.loop.turn.script import ScriptRun
    from omloop.loop.turn.turn import ModelComparison, TurnResult
    from omloop.loop.version.optimise import OptimiseResult
    from omloop.loop.version.reproduce import Reproduction
    from omloop.loop.version.rescore import RescoreResult
    from omloop.loop.version.stress import StressTest
    from omloop.loop.watch.policy import Policy
    from omloop.loop.watch.trial import TrialProgress
    from omloop.loop.watch.watch import WatchResult
    from omloop.probe import Load, Round
    from omloop.register import Registry
    from omloop.report import Comparison, Profile
    from omloop.serve.access.keys import ApiKey, NewKey
    from omloop.track import RunRecord

LOG = logging.getLogger("omloop.api")
Tell = Callable[[str], None]
Data = str | Path | None
Tags = Mapping[str, str] | None


class Workspace:
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
        self.places = Places.of(**named, **settings)
        self._tell = tell

    def __repr__(self) -> str:
        return f"<Workspace: {self.places.root}, projects in {self.places.settings.projects}>"

    # Making

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

    def submit(
        self, project: str, *overrides: str, on: str, tags: Tags = None, note: str | None = None
    ) -> SubmittedJob:
        """Begin a turn elsewhere, on "local", "slurm", "lsf", "ray" or "vertex": `omloop turn --on`.

        The job tells its `status()` and `logs()`, and can be waited for (`wait`) and ended (`cancel`). It takes this
        workspace's folder, and the settings of the environment and omloop.toml, not those that are given here alone.
        """
        from omloop.loop.jobs.jobs import submit_job

        self._plan(project, overrides, None, by="turn")  # refuses what no turn could be configured with
        words = ["turn", project, *overrides, *Annotation(tags or {}, note).words()]
        return submit_job(self.places, on, self._name(project), words)

    def jobs(self, project: str | None = None) -> list[SubmittedJob]:
        """The jobs that were begun elsewhere, of all projects or of one, the newest first: `omloop jobs`."""
        from omloop.loop.jobs.jobs import jobs_of

        return jobs_of(self.places, project)

    def job(self, job: str) -> SubmittedJob:
        """The job of that id, or whose id begins or ends so."""
        from omloop.loop.jobs.jobs import find_job

        return find_job(self.places, job)

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

    # Deciding

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
        """The version in charge, None where there is none."""
        return self._registry(project).champion()

    def history(self, project: str) -> tuple[Event, ...]:
        """Every decision about a project with its evidence, the oldest first."""
        return tuple(self._registry(project).history())

    def promote(
        self, project: str, version: str, *, reason: str = "", force: bool = False, notify: bool = False
    ) -> Event:
        """Make a version champion that the gate found better, or any with `force` and a reason.

        With `notify` the repository on GitHub is told, so that its workflow tests the version and deploys it.
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

    # Serving

    def serve(self, project: str) -> RunningServer:
        """Serve the champion in a process of its own, until it is closed: `with ws.serve("NAME") as server: ...`."""
        name = self._name(project)
        return RunningServer(name, self.places, self._fields(name, None))

    @contextmanager
    def ui(self) -> Iterator[str]:
        """Show the web page in a process of its own for as long as the context lasts, and give its address.

        It shows this workspace's folder, with the settings of the environment and omloop.toml: `omloop ui`.
        """
        from omloop.loop.steer.page import page_apart

        with page_apart(self.places) as address:
            yield address

    def key(self, *roles: str, name: str = "") -> NewKey:
        """A key for callers of servers, with roles such as `predict`; only its hash is kept, so keep its `secret`."""
        from omloop.loop.serving.keys import new_key

        return new_key(self.places, roles, name)

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys that servers take."""
        from omloop.loop.serving.keys import list_keys

        return list_keys(self.places).keys

    def revoke_key(self, key: str) -> None:
        """Revoke a key by its id, or those of a name; running servers know it within a second."""
        from omloop.loop.serving.keys import revoke_key

        revoke_key(self.places, key)

    def predict(self, project: str, rows: Any, *, version: str | None = None, record: bool = False) -> PredictResult:
        """Answer rows without a server, by the champion or by `version`; with `record`, keep them in the log.

        `rows` are mappings, a data frame of pandas or polars, texts, or pictures (paths, bytes, arrays, Pillow's
        images). Raises InputError that names the first field that is not accepted.
        """
        from omloop.loop.serving.predict import RequestBody, predict

        name = self._name(project)
        body = RequestBody(body_of(rows, self._fields(name, version)))
        answered = predict(name, self.places, body, version=version, record=record)
        return PredictResult(answered["version"], tuple(answered["predictions"]), answered.get("problems", {}))

    def predict_batch(
        self,
        project: str,
        path: str | Path,
        out: str | Path,
        *,
        keep: Sequence[str] = (),
        version: str | None = None,
        rows_per_block: int | None = None,
        on: str = "",
    ) -> BatchResult:
        """Answer a file, folder or zip block by block into `out`, here or `on` "ray": `omloop predict --batch`.

        Bad rows are set aside in a file beside it. A call that was interrupted is gone on with by the next same one.
        """
        from omloop.loop.serving.batch.batch import BatchOptions, predict_batch

        options = BatchOptions(tuple(keep), rows_per_block, version, on)
        name, tell = self._name(project), self._tell
        return predict_batch(name, self.places, str(path), Path(out), options, tell=tell, progress=lambda found: None)

    def examples(self, project: str, rows: int = 3, *, version: str | None = None) -> list[Any]:
        """The first of the rows by which a version proves itself, in the form in which a request has them.

        There are 16 at most. Raises OmloopError where there is no version.
        """
        registry = self._registry(project)
        return [*registry.load(version or registry.require_champion()).examples.rows[:rows]]

    def replay(
        self, project: str, *ids: str, newest: int | None = None, random: int | None = None, seed: int = 0
    ) -> Replays:
        """Ask versions again what they were asked, and compare: by ids, the `newest`, or so many at `random`."""
        from omloop.loop.serving.replay import replay

        return replay(self._name(project), self.places, ids, newest=newest, random=random, seed=seed)

    def feedback(self, project: str, labels: Mapping[str, Any]) -> Receipt:
        """Tell what turned out to be true of earlier predictions: labels by the id of the prediction."""
        from omloop.loop.serving.feedback import send_feedback

        return send_feedback(self._name(project), self.places, [(key, str(value)) for key, value in labels.items()])

    # Watching

    def watch(self, project: str, *, retrain: bool = False, policy: str | Path | Policy | None = None) -> WatchResult:
        """Look once for drift and loss; with `retrain`, or a `policy`, do what it says."""
        from omloop.loop.watch.policy import TELL, policy_of, read_policy
        from omloop.loop.watch.watch import watch_once

        if isinstance(policy, (str, Path)):
            policy = read_policy(Path(policy))
        elif policy is None:
            policy = policy_of(self._project(project)) if retrain else TELL
        return watch_once(self._name(project), self.places, policy, tell=self._tell)

    def alerts(self, project: str) -> tuple[Alert, ...]:
        """Look once, judge the project's alerts by it, and tell whom they concern; gives what is newly told."""
        from omloop.loop.watch.alerting import raise_alerts
        from omloop.loop.watch.signals import signals_of

        now = self.places.clock()
        found = self.watch(project)
        signals = signals_of(found.seen, self.places, now, events=found.history)
        return raise_alerts(self._name(project), signals, self.places, now)

    def drill(self, project: str, *overrides: str) -> list[DrillResult]:
        """Make everything go wrong in a throw-away workspace, and tell what came of it."""
        from omloop.loop.rehearsal.drill import drill

        return list(drill(self._project(project), self.places, overrides, tell=self._tell))

    def backtest(self, project: str, policies: Mapping[str, Policy], *, days: float = 30.0) -> Backtest:
        """What each policy would have made of the predictions of the last `days`."""
        from omloop.loop.rehearsal.backtest import backtest

        return backtest(self._name(project), self.places, policies, days=days, tell=self._tell)

    # Measuring

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
        """Find the settings by which the champion is served best here; nothing is written."""
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

    def doctor(self) -> list[Diagnosis]:
        """What works here, and what is missing."""
        from omloop.loop.doctor import examine

        return examine(self.places)

    def _plan(self, project: str, overrides: Sequence[str], data: Data, *, by: str) -> Plan:
        from omloop.loop.project.plan import Plan

        return Plan.of(self._project(project), [*data_words(data), *overrides], self.places, by=by, tell=self._tell)

    def _project(self, project: str) -> Project:
        self._name(project)  # which remembers where a path leads
        return find_project(project, self.places.settings)

    def _name(self, project: str) -> str:
        return project_name(project, self.places)

    def _registry(self, project: str) -> Registry:
        return self.places.registry(self._name(project))

    def _fields(self, name: str, version: str | None) -> Sequence[str]:
        """What the version's rows hold; the champion's for None."""
        registry = self.places.registry(name)
        return registry.load(version or registry.require_champion()).kind.fields
