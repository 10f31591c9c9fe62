"""A model trained elsewhere, from export to the gate: a turn without a project, and without training."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omloop.bundle import CARD, Answers, Lineage
from omloop.core import Annotation, Columns, Dataset, Origin, Output, Part, Settings, without_secret_values
from omloop.data import Data, Identity, fingerprint, record_keys
from omloop.evaluate import evaluate
from omloop.loop.project.configure import Configuration
from omloop.loop.project.plan import LOG, Plan, Tell
from omloop.loop.project.schema import Split
from omloop.loop.records.live_records import some_of
from omloop.loop.records.origins import GIVEN
from omloop.loop.records.records import Records
from omloop.loop.turn.confidence import as_given, checked, with_interval
from omloop.loop.turn.gate import find_opponent, reports_beside, settle
from omloop.loop.turn.given.model import GivenModel, given_model
from omloop.loop.turn.given.options import AddOptions
from omloop.loop.turn.held_out import HeldOut
from omloop.loop.turn.packaging import card, lineage, package, seal
from omloop.loop.turn.plots import draw
from omloop.loop.turn.recording import RunSubject, describe_dataset, recording_of
from omloop.loop.turn.script import require_name
from omloop.loop.turn.turn import TurnResult, summary
from omloop.promote import Rules
from omloop.track import environment

if TYPE_CHECKING:
    from omloop.core import Project
    from omloop.loop.turn.packaged import Packaged
    from omloop.loop.workspace import Workspace


@dataclass
class Given(Data):
    """Examples that came with a model; omloop does not keep them, so nothing can learn from them again."""

    source: str = GIVEN
    count: int = 0

    def records(self, project: Project, downloads: Path, settings: Settings) -> Columns:
        """Nothing: raises ConfigError."""
        return project.simulate(self.count, 0, 0.0)

    @property
    def origin(self) -> Origin:
        """The one source of all given examples."""
        return Origin(self.source, "examples")

    def __str__(self) -> str:
        return f"{self.count:,} examples that came with the model"


def add_model(
    name: str,
    given: tuple[Any, Any, Any],
    workspace: Workspace,
    options: AddOptions,
    *,
    folder: Path,
    by: str = "add_model",
    tell: Tell = LOG.info,
) -> TurnResult:
    """Package a fitted model, prove it, judge it on examples that it did not learn from, and register it.

    `given` are the model, the examples and their targets; `folder` holds the code. Raises DataError for examples that
    do not fit, and TrainError for a model that omloop cannot add. Raises ExportError if packaging fails or changes
    answers. In these cases it registers nothing.
    """
    require_name(name)
    begun = monotonic()
    tell("look: what the model reads and answers")
    model = given_model(*given, options)
    project = model.project(name)
    dataset, records = _dataset(project, model)
    config = _configuration(model, options, len(dataset.test))
    plan = Plan(project, model.kind, config, workspace, by, tell)
    metrics, test = plan.metrics, dataset.test
    subject = RunSubject(name, config.yaml, folder)
    rows = {"train": 0, "validation": 0, "test": len(test)}
    about = {"kind": "add", "metric": config.metric, "data": {**describe_dataset(dataset), "rows": rows}}
    with recording_of(subject, workspace, about, Annotation(options.tags, options.note)) as run:
        workspace.mirror_versions(name)
        tell(f"package: {model.name} as ONNX, proven against the original")
        packaged = package(project, model.kind, dataset, model.fitted)
        told = model.require_as_given(packaged.session, packaged.outputs)
        packaged = _confident(dataset, packaged, config)

        tell("evaluate: the packaged model on the examples")
        report = evaluate(test.targets, packaged.outputs, metrics, seed=config.seed)
        opponent = find_opponent(plan, records, dataset, _constant(model.outputs, test.targets))
        theirs, beside = reports_beside(opponent, plan, dataset, packaged.outputs)

        tell("plot: how the answers fit, and what the model leans on")
        leans = draw(run, plan, replace(dataset, validation=test), packaged)

        tell("register: a new version")
        origin = lineage(plan, dataset, records, model.name, run=run.name, parent=opponent.version)
        origin = _of_script(origin, folder, len(test))
        text = card(project, report, packaged.parity, origin, None, leans, packaged.confidence)
        halves = _halves(dataset, packaged)
        version = plan.registry.add(seal(plan, *halves, report, origin=origin, card=text, records=records), by=by)

        tell("gate: the candidate against the " + opponent.name)
        decision, champion, notes = settle(plan, dataset, packaged.outputs, opponent, version, records)
        run.keep(CARD, text.encode())
        run.finish("finished", summary(version, model.name, report, metrics, decision, champion))
    return TurnResult(
        project=name,
        run=run.name,
        source=dataset.source,
        rows=(0, 0, len(test)),
        models=(),
        chosen=model.name,
        version=version,
        report=report,
        opponent=theirs,
        beside=beside,
        parity=packaged.parity,
        menu=None,
        decision=decision,
        before=opponent.version,
        champion=champion,
        notes=(*model.notes, *told, *notes),
        seconds=monotonic() - begun,
        confidence=packaged.confidence,
    )


def _dataset(project: Project, model: GivenModel) -> tuple[Dataset, Records]:
    """All examples as the test part, and as the baseline for drift; the model learned from none of them."""
    columns = model.records
    keys = record_keys(columns, [*model.kind.fields, model.target])
    rows = list(range(len(keys)))
    targets = project.outputs.encode(columns[model.target])
    test = Part(model.kind.encode(columns), targets, keys, rows=rows)
    data = Given(count=len(keys))
    dataset = Dataset(replace(test, rows=()), replace(test, rows=()), test, fingerprint(keys), str(data))
    return dataset, Records(columns, 0, (), Identity.of(project, columns), data.origin)


def _confident(dataset: Dataset, packaged: Packaged, config: Configuration) -> Packaged:
    """The model with an interval around its number, or with its own classes, checked.

    Half of the examples set the width of an interval, the other half check it.
    """
    if packaged.session.outputs.classes:
        return checked(as_given(packaged), dataset.test, seed=config.seed)
    halves, half = _halves(dataset, packaged)
    rows = np.searchsorted(dataset.test.rows, halves.test.rows)
    others = np.delete(packaged.outputs, rows)
    told = with_interval(half, HeldOut(halves.validation, others), config.interval)
    told = checked(told, halves.test, seed=config.seed)
    return replace(packaged, session=told.session, confidence=told.confidence)


def _halves(dataset: Dataset, packaged: Packaged) -> tuple[Dataset, Packaged]:
    """The examples split in two by content: one half calibrates the confidence, the other checks it."""
    order = np.argsort(dataset.test.keys, kind="stable")
    one, other = np.sort(order[::2]), np.sort(order[1::2])
    found = packaged.test
    coordinates = None if found.coordinates is None else found.coordinates[one]
    answers = Answers(found.outputs[one], coordinates)
    parts = replace(dataset, test=some_of(dataset.test, one), validation=replace(some_of(dataset.test, other), rows=()))
    return parts, replace(packaged, test=answers)


def _configuration(model: GivenModel, options: AddOptions, count: int) -> Configuration:
    """What a project's configuration would say; raises ConfigError for a rule that makes no sense."""
    metric = options.metric or _metric(model, count)
    rules, data = Rules(**options.rules), Given(count=count)
    kept = {
        "model": {"name": model.name},
        "data": {"source": data.source, "rows": count},
        "seed": options.seed,
        "gate": {"metric": metric, **options.rules},
        "promote": options.promote,
        "overrides": [],
    }
    yaml = json.dumps(without_secret_values(kept), indent=2, default=str)
    return Configuration(data, {}, options.seed, Split(), metric, rules, options.promote, (), yaml)


def _metric(model: GivenModel, count: int) -> str:
    """The score that suits the output, by the frequency of the classes."""
    from omloop.data.infer.answers import classes_of

    names = model.outputs.classes
    if not names:
        return "r2"
    targets = model.records[model.target]
    counts = {name: sum(target == name for target in targets) for name in names}
    return classes_of(model.target, {name: max(1, found) for name, found in counts.items()}, "", missing=0).metric


def _constant(outputs: Output, targets: NDArray[np.generic]) -> Any:
    """The baseline of a model trained elsewhere: the constant answer that suits these examples best."""
    if outputs.classes:
        answer: NDArray[np.float64] = np.bincount(targets, minlength=len(outputs.classes)) / len(targets)
    else:
        answer = np.asarray(targets.mean())
    return lambda examples: np.broadcast_to(answer, (len(examples), *answer.shape)).copy()


def _of_script(origin: Lineage, folder: Path, rows: int) -> Lineage:
    """The lineage with the commit of the checkout that holds the script, and the number of the examples."""
    facts = environment(folder)
    return replace(origin, git_commit=facts["git_commit"], git_dirty=facts["git_dirty"], data_rows=rows)
