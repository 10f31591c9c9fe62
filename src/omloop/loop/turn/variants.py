"""From a packaged model to a menu of its variants, each measured beside it; one of them serves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle import MODEL, Cost, Session, Variant
from omloop.core import Estimate, ExampleArray, ExportError, OmloopError, Part, UnknownNameError
from omloop.evaluate import evaluate
from omloop.loop.project.plan import Plan, Tell
from omloop.loop.records.live_records import some_of
from omloop.loop.turn.packaged import Menu, Packaged
from omloop.loop.turn.packaging import EXAMPLES
from omloop.loop.turn.trained_variants import TrainedVariants
from omloop.optimise import PLAIN, VARIANTS, VariantSpec, choose, resident_bytes, time_sessions
from omloop.package import alike
from omloop.promote import Case, compare

if TYPE_CHECKING:
    from omloop.core import Dataset

CALIBRATION, AT_ONCE = 128, 16
"""Training examples for calibrating scales, and how many of them to run together."""
TIMED_S = 20.0
"""Seconds for the timing of single rows, and as many again for that of batches."""


def with_menu(plan: Plan, dataset: Dataset, packaged: Packaged, learned: TrainedVariants) -> Packaged:
    """The packaged model with the configured variants; its answers are those of the chosen one.

    `learned` are variants that were trained already.

    Raises ExportError when nothing keeps within the budget and the configuration wants that to be the end.
    """
    menu, sessions = _menu(plan, dataset, packaged, learned)
    if menu.served == MODEL:
        return replace(packaged, menu=menu)
    session = sessions[menu.served]
    return replace(packaged, session=session, test=session.run(dataset.test.examples), menu=menu)


def _menu(
    plan: Plan, dataset: Dataset, packaged: Packaged, learned: TrainedVariants
) -> tuple[Menu, Mapping[str, Session]]:
    begun, wanted, tell = time.monotonic(), plan.config.optimise, plan.tell
    forms, graphs, refused = _made(wanted.variants, packaged, dataset.train, tell)
    forms |= dict.fromkeys(learned.graphs, PLAIN)
    graphs, refused = {**graphs, **learned.graphs}, {**refused, **learned.refused}
    sessions = {MODEL: packaged.session}
    for name, form in [*forms.items()]:
        try:
            sessions[name] = _session(packaged, graphs[name], form)
            sessions[name].predict(dataset.test.examples[: wanted.batch])
        except OmloopError as error:
            refused[name] = str(error)
            del forms[name]
            sessions.pop(name, None)
    costs = _costs(packaged, forms, graphs, dataset.test.examples, wanted.batch, tell)
    part = _some(dataset.test, wanted.rows, first=EXAMPLES)
    variants = _scored(plan, part, packaged, sessions, forms, costs)
    note = ""
    try:
        chosen = choose(variants, wanted.budget)
    except ExportError as error:
        if wanted.unmet == "refuse":
            raise
        note = f"{error} The model as packaged is served."
        chosen = choose(variants, replace(wanted.budget, p99_ms=0.0, size_mb=0.0))
        chosen = replace(chosen, served=MODEL)
    refused |= chosen.refused
    offered = [name for name in forms if name not in refused]
    files: dict[str, bytes] = {}
    for name in offered:
        file = _file(graphs[name], {MODEL: packaged.graph, **files}) or f"variants/{name}.onnx"
        variants[name] = replace(variants[name], file=file)
        if file != MODEL:
            files[file] = graphs[name]
    seconds = time.monotonic() - begun
    return Menu(variants, files, chosen.served, refused, len(part), seconds, note), sessions


def _file(graph: bytes, files: Mapping[str, bytes]) -> str:
    """The file that holds this very graph already; nothing where none does."""
    return next((file for file, content in files.items() if content == graph), "")


def _made(
    names: Sequence[str], packaged: Packaged, train: Part, tell: Tell
) -> tuple[dict[str, VariantSpec], dict[str, bytes], dict[str, str]]:
    """Each variant with its graph, and why making some failed. Variants made in the same way share one graph."""
    kind, examples = packaged.session.inputs, _some(train, CALIBRATION).examples
    calibration = [kind.feeds(examples[rows]) for rows in kind.batches(examples, AT_ONCE)]
    forms, graphs, refused, made = dict[str, VariantSpec](), dict[str, bytes](), dict[str, str](), dict[object, bytes]()
    for name in names:
        tell(f"optimise: making {name}")
        try:
            form: VariantSpec = VARIANTS.load(name)
            if form.make not in made:
                made[form.make] = form.make(packaged.graph, calibration)
            forms[name], graphs[name] = form, made[form.make]
        except UnknownNameError:
            raise
        except OmloopError as error:
            refused[name] = str(error)
    return forms, graphs, refused


def _session(packaged: Packaged, graph: bytes, form: VariantSpec, *, threads: int = 0) -> Session:
    of = packaged.session
    return Session(graph, of.inputs, of.outputs, threads=threads, engine=form.engine, precision=form.precision)


def _costs(
    packaged: Packaged,
    forms: Mapping[str, VariantSpec],
    graphs: Mapping[str, bytes],
    examples: ExampleArray,
    batch: int,
    tell: Tell,
) -> dict[str, Cost]:
    """What each variant takes, the model as packaged first."""
    tell(f"optimise: timing {len(forms)} variants beside the model, in turns")
    every = {MODEL: (PLAIN, packaged.graph), **{name: (form, graphs[name]) for name, form in forms.items()}}
    sessions = {name: _session(packaged, graph, form, threads=1) for name, (form, graph) in every.items()}
    single, many = (time_sessions(sessions, examples, batch=size, within_s=TIMED_S) for size in (1, batch))
    feeds = packaged.session.inputs.feeds(np.resize(examples, (batch, *examples.shape[1:])))
    return {
        name: Cost(
            p50_ms=single[name].p50_ms,
            p99_ms=single[name].p99_ms,
            faster=single[name].faster,
            batch=batch,
            batch_p50_ms=many[name].p50_ms,
            batch_p99_ms=many[name].p99_ms,
            batch_faster=many[name].faster,
            rows_a_second=many[name].rows_a_second,
            size=len(graph),
            memory=resident_bytes(graph, feeds, engine=form.engine, precision=form.precision),
        )
        for name, (form, graph) in every.items()
    }


def _scored(
    plan: Plan,
    part: Part,
    packaged: Packaged,
    sessions: Mapping[str, Session],
    forms: Mapping[str, VariantSpec],
    costs: Mapping[str, Cost],
) -> dict[str, Variant]:
    """Each variant with its scores, and its answers held against those of the model as packaged."""
    metrics, seed, original = plan.metrics, plan.config.seed, sessions[MODEL].predict(part.examples)
    variants = {}
    for name, session in sessions.items():
        plan.tell(f"optimise: scoring {name} on {len(part)} test rows")
        outputs = original if name == MODEL else session.predict(part.examples)
        scores = dict(evaluate(part.targets, outputs, metrics, seed=seed).metrics)
        if name == MODEL:
            variants[name] = Variant(scores, packaged.parity, cost=costs[name])
            continue
        gain = compare(Case(metrics[0], part.targets, candidate=original, champion=outputs, seed=seed))
        drop = Estimate(gain.value, gain.low, gain.high)
        form, parity = forms[name], alike(original, outputs, session.outputs)
        variants[name] = Variant(scores, parity, form.engine, form.precision, drop=drop, cost=costs[name])
    return variants


def _some(part: Part, most: int, *, first: int = 0) -> Part:
    """At most this many examples of a part, at even distances, and as many of the `first` besides."""
    even = np.linspace(0, len(part) - 1, min(most, len(part))).astype(np.int64)
    return some_of(part, np.union1d(even, np.arange(min(first, len(part)))))
