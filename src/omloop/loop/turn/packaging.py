"""From a trained model to a sealed bundle: export, prove, describe, seal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import (
    CARD,
    MODEL,
    TRAINING_KEYS,
    Answers,
    Baseline,
    Bundle,
    Lineage,
    Manifest,
    Reference,
    Sample,
    Session,
    Variant,
    encode_examples,
)
from omloop.bundle.confidence import CONFIDENCE, Confidence, encode_confidence
from omloop.bundle.reference.reference import OUTCOME, OUTCOMES
from omloop.bundle.reference.sample import MOST_ROWS
from omloop.core import (
    Dataset,
    Estimate,
    ExampleArray,
    Fitted,
    Kind,
    NumberArray,
    Output,
    Parity,
    Part,
    Project,
    Report,
)
from omloop.loop.project.plan import Plan
from omloop.loop.records.live_records import is_live, some_of
from omloop.loop.records.ordering import is_ordered
from omloop.loop.turn.confidence import HeldOutAnswers, held_out_answers
from omloop.loop.turn.packaged import Packaged
from omloop.loop.turn.preflight import compat_of
from omloop.package import EXPORTERS, diagnose, prove, require_verified
from omloop.report import ModelCard, card_markdown
from omloop.track import environment

if TYPE_CHECKING:
    from omloop.data import Times
    from omloop.loop.records.records import Records
    from omloop.loop.turn.choosing import Choice

EXAMPLES = 16

MOST_IN_SERIES = 20_000
"""How many of the newest records show how much traffic varies by itself."""

LEAST_LIVE = 50
"""From this many live examples in the validation and the test part on, they alone define what is usual."""


def package(project: Project, kind: Kind, dataset: Dataset, fitted: Fitted) -> Packaged:
    """Export the model and prove it on real rows and at the limits; raises ExportError if it answers otherwise."""
    from omloop.package.export_report import export_report

    kind = fitted.inputs or kind
    graph: bytes = EXPORTERS.load(fitted.family)(fitted, kind, project.outputs, dataset.train.examples)
    session = Session(graph, kind, project.outputs)
    test, edges = dataset.test.examples, kind.edges()
    parity, answers = prove(fitted, session, test, edges)
    require_verified(parity, "" if parity.verified else diagnose(fitted, session, np.concatenate([test, edges])))
    return Packaged(graph, session, parity, answers, export_report(fitted.family, graph, parity))


def lineage(plan: Plan, dataset: Dataset, records: Records, model: str, *, run: str, parent: str | None) -> Lineage:
    """All that it takes to make the version again; the commit is that of the checkout that holds the project."""
    facts, config = environment(plan.project.folder), plan.config
    return Lineage(
        created=created_now(),
        model=model,
        run=run,
        data_source=dataset.source,
        data_fingerprint=dataset.fingerprint,
        data_rows=len(dataset),
        live_rows=records.live,
        config_sha256=hashlib.sha256(config.yaml.encode()).hexdigest(),
        seed=config.seed,
        packages=facts["packages"],
        git_commit=facts["git_commit"],
        git_dirty=facts["git_dirty"],
        parent=parent,
        source=records.origin,
    )


def created_now() -> str:
    """The present time in a lineage's form: in UTC, by ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def seal(
    plan: Plan,
    dataset: Dataset,
    packaged: Packaged,
    report: Report,
    *,
    origin: Lineage,
    card: str,
    records: Records,
) -> Bundle:
    """Put everything that serving and watching need into one bundle, with the keys of its training records.

    The reference for watching is what the version will meet: the live ones of the `records`, if there are enough. Live
    records are in the order of time, so they show how much traffic varies by itself. All records show it if they are in
    order too, as the configuration says or their times show.
    """
    project, config = plan.project, plan.config
    session, few = packaged.session, dataset.test.examples[:EXAMPLES]
    kind, output = session.inputs, session.outputs
    learned = records.identity.training_keys([*dataset.train.rows, *dataset.validation.rows])
    # Behind the keys: from here on `dataset` may be the live examples alone.
    dataset, met, held = _met(dataset, packaged, held_out_answers(packaged, dataset), records.first_live)
    seen = _observed(dataset, met, held.answers)
    came = records.identity.times
    ordered = is_ordered(dataset, config.data) or came is not None or met is not packaged
    order = _order(dataset, came) if ordered else None
    series, times = (None, None) if order is None else _series(dataset, session, order)
    words = {OUTCOME: OUTCOMES, **session.observed}
    if OUTCOME not in seen:  # no column of the project is called so
        seen = {**seen, OUTCOME: np.zeros(len(next(iter(seen.values()))))}
    reference = Reference.of(seen, words, bucket=kind.bucket, together=session.together, series=series, times=times)
    files = {
        **kind.assets,
        MODEL: packaged.graph,
        **({"export.json": packaged.exported} if packaged.exported else {}),
        "reference.json": msgspec.json.encode(reference),
        "baseline.json": msgspec.json.encode(_baseline(dataset, met, held, order)),
        "sample.json": msgspec.json.encode(_sample(dataset.test, met)),
        "examples.json": encode_examples(kind.render(few), _as_packaged(packaged, few)),
        TRAINING_KEYS: learned.encode(),
        "config.yaml": config.yaml.encode(),
        CARD: card.encode(),
        **({CONFIDENCE: encode_confidence(packaged.confidence)} if packaged.confidence else {}),
    }
    answers = output.answer(packaged.outputs[:1])
    files |= compat_of(project, kind, kind.render(few[:1])[0], {**answers[0], **kind.remarks(few[:1])[0]})
    served, variants = MODEL, {MODEL: Variant(dict(report.metrics), packaged.parity)}
    if packaged.menu is not None:
        menu = packaged.menu
        served, files = menu.served, {**files, **menu.files}
        # What is served was scored on the whole test part, not on a sample of it.
        variants = {**menu.variants, served: replace(menu.variants[served], metrics=dict(report.metrics))}
    described = (kind.describe(), output.describe())
    made = Manifest(project.name, *described, origin, variants, served=served, caution=project.caution)
    return Bundle.seal(made, files)


def _as_packaged(packaged: Packaged, few: ExampleArray) -> NDArray[np.float64]:
    """The answers of the model as packaged: every variant is compared with them."""
    if packaged.menu is None or packaged.menu.served == MODEL:
        return packaged.outputs[: len(few)]
    return Session(packaged.graph, packaged.session.inputs, packaged.session.outputs).predict(few)


def _met(
    dataset: Dataset, packaged: Packaged, held: HeldOutAnswers, first_live: int
) -> tuple[Dataset, Packaged, HeldOutAnswers]:
    """The live examples and their answers; all examples if too few were live to define what is usual."""
    parts = (dataset.train, dataset.validation, dataset.test)
    live = [np.flatnonzero(is_live(part, first_live)) for part in (*parts, held.part)]
    if min(len(live[2]), len(live[3])) < LEAST_LIVE:
        return dataset, packaged, held
    train, validation, test, kept = (some_of(part, rows) for part, rows in zip((*parts, held.part), live, strict=True))
    known = replace(dataset, train=train, validation=validation, test=test)
    answered = HeldOutAnswers(kept, _some(held.answers, live[3]))
    return known, replace(packaged, test=_some(packaged.test, live[2])), answered


def _some(answers: Answers, rows: NDArray[np.int64]) -> Answers:
    return Answers(answers.outputs[rows], None if answers.coordinates is None else answers.coordinates[rows])


def _observed(dataset: Dataset, packaged: Packaged, validated: Answers) -> dict[str, NumberArray]:
    """The baseline for drift: the training examples, and the answers to held-out examples.

    A model is surer of its training examples than it will ever be of live ones.
    """
    session = packaged.session
    chosen = session.observe_answers(validated)
    judged = session.observe_answers(packaged.test)
    answers = {name: np.concatenate([chosen[name], judged[name]]) for name in chosen}
    return {**session.inputs.observe(dataset.train.examples), **answers}


def _order(dataset: Dataset, came: Times | None) -> NDArray[np.int64]:
    """The order of time, or their own, of the records of all `_parts`."""
    rows, times = _rows_and_times(dataset)
    return np.lexsort((rows, came.order[rows] if came is not None else times if len(times) == len(rows) else rows))


def _series(
    dataset: Dataset, session: Session, order: NDArray[np.int64]
) -> tuple[dict[str, NumberArray], NDArray[np.float64] | None]:
    """The observed values of the newest records, in their order, and their times if known."""
    newest, (rows, times) = order[-MOST_IN_SERIES:], _rows_and_times(dataset)
    examples = np.concatenate([part.examples for part in _parts(dataset)])[newest]
    return session.observe(examples, session.run(examples)), times[newest] if len(times) == len(rows) else None


def _parts(dataset: Dataset) -> tuple[Part, Part, Part]:
    """Held-out examples come first."""
    return dataset.test, dataset.validation, dataset.train


def _rows_and_times(dataset: Dataset) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    parts = _parts(dataset)
    rows = np.concatenate([np.asarray(part.rows, np.int64) for part in parts])
    return rows, np.concatenate([np.asarray(part.times, np.float64) for part in parts])


def _baseline(dataset: Dataset, packaged: Packaged, held: HeldOutAnswers, order: NDArray[np.int64] | None) -> Baseline:
    """How wrong the packaged model was on examples that it did not learn from."""
    from omloop.drift import baseline_of

    outputs = packaged.session.outputs

    def told(part: Part, answers: NDArray[np.float64]) -> tuple[NumberArray, NumberArray]:
        return outputs.hints(answers), outputs.errors(part.targets, answers)

    validated = held.answers.outputs
    tested, calibrated = told(dataset.test, packaged.outputs), told(held.part, validated)
    classes, names = classes_of(outputs, np.concatenate([packaged.outputs, validated]))
    answers = (classes[: len(packaged.outputs)], classes[len(packaged.outputs) :])
    places = None if order is None else _places(dataset, held.part, order)
    return baseline_of(outputs.error, tested=tested, validated=calibrated, answers=answers, names=names, places=places)


def _places(dataset: Dataset, held: Part, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the test examples and the held-out ones stand in the order of all records."""
    ranks, (rows, _) = np.argsort(order), _rows_and_times(dataset)
    first = len(dataset.test) + len(dataset.validation)
    if len(held) == len(dataset.validation) or len(rows) != len(ranks):
        return ranks[:first]
    by_row = dict(zip(rows.tolist(), ranks.tolist(), strict=True))
    return np.array([by_row[row] for row in (*dataset.test.rows, *held.rows)], np.int64)


def classes_of(output: Output, outputs: NumberArray) -> tuple[NDArray[np.int64], Sequence[str]]:
    """The answered classes as places in their names, which follow; all 0 and no names for numbers."""
    if not output.classes:
        return np.zeros(len(outputs), np.int64), ()
    return np.asarray(output.decide(outputs), np.int64), output.classes


def _sample(test: Part, packaged: Packaged) -> Sample:
    """Test examples at even distances, with the answers to them; glimpses only where the log keeps examples too."""
    session = packaged.session
    rows = np.linspace(0, len(test) - 1, min(MOST_ROWS, len(test))).astype(np.int64)
    examples, seen = test.examples[rows], packaged.test.coordinates
    answers = Answers(packaged.outputs[rows], None if seen is None else seen[rows])
    kept = session.inputs.replay(session.inputs.record(examples[:1])[0]) is not None
    return Sample.of(session.observe(examples, answers), session.inputs.glimpse(examples) if kept else [])


def card(
    project: Project,
    report: Report,
    parity: Parity,
    origin: Lineage,
    choice: Choice | None,
    leans: Mapping[str, Estimate],
    confidence: Confidence | None = None,
) -> str:
    """The model card of this turn; `leans` says how much the model leans on each column.

    A given model has no `choice`.
    """
    commit = origin.git_commit or "not in a git checkout"
    thresholds = [f"{name} {value:.3g}" for name, value in project.outputs.thresholds.items()]
    facts = {
        "Model": origin.model,
        "Made": origin.created,
        "Run": origin.run,
        "Data": f"{origin.data_source}; {origin.data_rows} rows, of which {origin.live_rows} live",
        "Data fingerprint": origin.data_fingerprint,
        **({} if choice is None else {"Learned from": choice.learned_from, "Chosen by": choice.chosen_by}),
        **({"Thresholds": ", ".join(thresholds)} if thresholds else {}),
        "Commit": commit + (" with uncommitted changes" if origin.git_dirty else ""),
        "Seed": str(origin.seed),
        "Champion at the time": origin.parent or "none",
    }
    card = ModelCard(
        title=f"{project.name}: {origin.model}",
        summary=project.summary,
        facts=facts,
        report=report,
        models=[(m.name, m.scores) for m in (choice.models if choice else ()) if m.fitted is not None],
        compared_by=choice.chosen_by if choice else "",
        parity=parity,
        leans=leans,
        refused=project.ignored,
        caution=project.caution,
        meanings=project.outputs.meanings,
        confidence=confidence,
        unit=str(project.outputs.describe().get("unit") or ""),
    )
    return card_markdown(card)
