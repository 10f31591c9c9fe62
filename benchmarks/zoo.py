"""Which models can be packaged as ONNX as they are: every one of a zoo is exported, proven, and asked once more.

    python benchmarks/zoo.py                      # print, and exit 1 when a promise is broken
    python benchmarks/zoo.py docs/reference/zoo.md

Promised are 95 % of the models untouched, and no silent mismatch: one that was verified answers fresh rows, which were
not compared, as the original does. Estimators are asked twice: on whole rows, and trained on rows with absent values
and asked for a word too that is declared and was not in training (behind an imputer where they take none).
"""

import platform
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime
import skl2onnx
import sklearn
import torch
import transformers
import zoo_estimators
import zoo_networks
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from omloop.bundle import Session
from omloop.core import ExportError, Fitted, Job, Kind, OmloopError, Output, Parity, TrainError
from omloop.kinds import Column, Table
from omloop.package import EXPORTERS, check_parity, diagnose, require_verified
from omloop.package.export_report import ExportReport
from omloop.testing.jobs import TABLE, classes_job, number_job, rows_of
from omloop.train import fit_estimator

PROMISED, APART = 0.95, 1e-4
HOLED = " of rows with absent values and a new word"
TABLE_WITH_HOLES = Table(
    (
        Column("size", "number", low=-3, high=3, missing=True),
        Column("count", "integer", low=0, high=9, missing=True),
        Column("colour", "category", categories=("red", "green", "blue", "violet")),
    )
)


@dataclass(frozen=True)
class Animal:
    """One model of the zoo, with rows to compare on and fresh ones."""

    group: str
    name: str
    fitted: Fitted
    kind: Kind
    outputs: Output
    examples: NDArray[Any]
    fresh: NDArray[Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one: the report, or why it was refused; `fresh` is the relative difference on fresh rows."""

    group: str
    name: str
    report: ExportReport | None = None
    fresh: float = 0.0
    refusal: str = ""


def main(page: Path | None) -> int:
    """Go round the zoo; returns the exit code."""
    warnings.simplefilter("ignore")
    outcomes = []
    with TemporaryDirectory() as folder:
        for animal in animals(Path(folder)):
            outcomes.append(animal if isinstance(animal, Outcome) else tried(animal))
            print(line(outcomes[-1]), flush=True)
    whole = [outcome for outcome in outcomes if not outcome.group.endswith(HOLED)]
    holed = [outcome for outcome in outcomes if outcome.group.endswith(HOLED)]
    silent = [outcome for outcome in outcomes if outcome.report is not None and outcome.fresh > APART]
    share = sum(outcome.report is not None for outcome in whole) / len(whole)
    told = f"{counts(whole)} With absent values and a word that training did not know, {counts(holed)}"
    print(told)
    if page is not None:
        page.write_text(page_of(told, outcomes), encoding="utf-8")
    return 0 if share >= PROMISED and not silent else 1


def counts(outcomes: list[Outcome]) -> str:
    """How many of some were packaged, in one sentence."""
    packaged = sum(outcome.report is not None for outcome in outcomes)
    silent = sum(outcome.report is not None and outcome.fresh > APART for outcome in outcomes)
    return (
        f"{len(outcomes)} models: {packaged} packaged untouched ({packaged / len(outcomes):.1%}), "
        f"{len(outcomes) - packaged} refused with a reason, {silent} silent mismatches."
    )


def animals(folder: Path) -> Iterator[Animal | Outcome]:
    """Every model, trained or drawn from the same seed, or why it cannot be trained."""
    fresh = rows_of(300, 77)
    number, classes = number_job(folder), classes_job(folder)
    groups = (
        ("estimator of a number", number, zoo_estimators.numbers()),
        ("estimator of classes", classes, zoo_estimators.classes()),
    )
    for group, job, makes in groups:
        for name, make in makes:
            np.random.seed(0)
            fitted = fit_estimator(make(), job)
            yield Animal(group, name, fitted, TABLE, job.outputs, job.validation.examples, fresh)
            yield with_holes(group, name, make, job)
    for group, family in (
        ("network of a table", zoo_networks.rows),
        ("network of pictures", zoo_networks.pictures),
        ("network of texts", zoo_networks.texts),
    ):
        kind, examples, networks = family(np.random.default_rng(0))
        half = len(examples) // 2
        for name, build in networks.items():
            fitted = zoo_networks.drawn(kind, examples, build, classes)
            yield Animal(group, name, fitted, kind, classes.outputs, examples[:half], examples[half:])


def with_holes(group: str, name: str, make: zoo_estimators.Make, job: Job) -> Animal | Outcome:
    """The same estimator, trained on rows with absent values; the rows to compare on have a new word too."""

    def holes(examples: NDArray[Any], word: float | None) -> NDArray[Any]:
        examples = examples.copy()
        examples[::7, 0] = examples[::5, 1] = np.nan
        if word is not None:
            examples[::4, 2] = word
        return examples

    train = replace(job.train, examples=holes(job.train.examples, None))
    validation = replace(job.validation, examples=holes(job.validation.examples, 3.0))
    job = replace(job, inputs=TABLE_WITH_HOLES, train=train, validation=validation)
    np.random.seed(0)
    try:
        fitted = fit_estimator(make(), job)
    except (ValueError, OmloopError):
        try:
            fitted = fit_estimator(make_pipeline(SimpleImputer(), make()), job)
        except OmloopError as error:
            return Outcome(group + HOLED, name, refusal=str(error))
    return Animal(
        group + HOLED, name, fitted, TABLE_WITH_HOLES, job.outputs, validation.examples, holes(rows_of(300, 77), 3.0)
    )


def tried(animal: Animal) -> Outcome:
    """Export and prove one as a turn does, and ask it once more."""
    fitted, kind, outputs = animal.fitted, animal.kind, animal.outputs
    try:
        graph = EXPORTERS.load(fitted.family)(fitted, kind, outputs, animal.examples)
        session = Session(graph, kind, outputs)
        parity = check_parity(fitted, session, animal.examples, kind.edges())
        rows = np.concatenate([animal.examples, kind.edges()])
        require_verified(parity, "" if parity.verified else diagnose(fitted, session, rows))
    except (ExportError, TrainError) as error:
        return Outcome(animal.group, animal.name, refusal=str(error))
    truth = fitted.predict(animal.fresh)
    apart = np.abs(truth - session.predict(animal.fresh)).max() / max(1.0, np.abs(truth).max())
    report = ExportReport.of(fitted.family, graph, parity)
    return Outcome(animal.group, animal.name, report, float(apart))


def line(outcome: Outcome) -> str:
    """One line for the terminal."""
    if outcome.report is None:
        return f"REFUSED {outcome.name}: {outcome.refusal}"
    parity: Parity = outcome.report.parity
    return f"ok      {outcome.name}: {parity.relative:.1e} relative, {outcome.fresh:.1e} on fresh rows"


def page_of(told: str, outcomes: list[Outcome]) -> str:
    """The reference page."""
    versions = ", ".join(
        f"{module.__name__} {module.__version__.partition('+')[0]}"
        for module in (sklearn, skl2onnx, torch, transformers, onnxruntime)
    )
    parts = [
        "# Zoo\n",
        f"This page says which models omloop can [package as ONNX](../how-to/optimise.md) as they are. {told} We made "
        f"it with `python benchmarks/zoo.py docs/reference/zoo.md` and {versions} on {platform.machine()}.\n",
        "The difference is the largest one of any answer, relative to the largest answer (probabilities: absolute). "
        "Each model answers batches of 1, 2, 7 and 512 rows, edges included; 1e-05 is allowed. A model that passes "
        "answers once more, on rows that the comparison did not use. Estimators learn from 200 rows. Networks have "
        "random weights, and their logits are spread so that answers differ.\n",
        "## Refused\n",
        "Beside each model stands what `omloop turn` says.\n",
        *(f"- **{out.name}**: {out.refusal}" for out in outcomes if out.report is None),
        "\n## Not tried\n",
        "skl2onnx converts these too, but a project cannot train them.\n",
        *(f"- {names}: {why}." for names, why in zoo_estimators.NOT_FOR_A_TABLE.items()),
    ]
    for group in dict.fromkeys(outcome.group for outcome in outcomes):
        parts += [
            f"\n## Packaged: {group}\n",
            "| model | difference | mean | same class or number | operators | in the graph |",
        ]
        parts += ["|---|---|---|---|---|---|"]
        for out in outcomes:
            if out.group == group and out.report is not None:
                parity = out.report.parity
                cells = [out.name, f"{parity.relative:.1e}", f"{parity.mean:.1e}", f"{parity.agreement:.1%}"]
                cells += [str(out.report.operators), ", ".join(out.report.folded)]
                parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
