"""From a trained model to a sealed bundle: export, prove, describe, seal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import MODEL, Bundle, Lineage, Manifest, Reference, Session, Variant, encode_examples
from omloop.core import Dataset, Fitted, Kind, Parity, Project, Report
from omloop.optimise import EXPORTERS, check_parity, require_verified
from omloop.report import model_card
from omloop.track import environment

if TYPE_CHECKING:
    from omloop.loop.configure import Configured
    from omloop.loop.training import Trained

EXAMPLES = 16


@dataclass(frozen=True)
class Packaged:
    """A model as ONNX, proven to answer as the original does, with its answers to the test part."""

    graph: bytes
    session: Session
    parity: Parity
    outputs: NDArray[np.float64]


def package(project: Project, kind: Kind, dataset: Dataset, fitted: Fitted) -> Packaged:
    """Export the model and prove it on real rows and at the limits; raises ExportError if it answers otherwise."""
    graph: bytes = EXPORTERS.load(fitted.family)(fitted, kind, project.outputs, dataset.train.examples)
    session = Session(graph, kind, project.outputs)
    parity = check_parity(fitted, session, dataset.test.examples, kind.edges())
    require_verified(parity)
    return Packaged(graph, session, parity, session.predict(dataset.test.examples))


def lineage(config: Configured, dataset: Dataset, model: str, *, run: str, live: int, parent: str | None) -> Lineage:
    """All that is needed to make the version again."""
    facts = environment()
    return Lineage(
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        model=model,
        run=run,
        data_source=dataset.source,
        data_fingerprint=dataset.fingerprint,
        data_rows=len(dataset),
        live_rows=live,
        config_sha256=hashlib.sha256(config.yaml.encode()).hexdigest(),
        seed=config.seed,
        packages=facts["packages"],
        git_commit=facts["git_commit"],
        git_dirty=facts["git_dirty"],
        parent=parent,
    )


def seal(
    project: Project,
    kind: Kind,
    dataset: Dataset,
    packaged: Packaged,
    report: Report,
    *,
    origin: Lineage,
    card: str,
    config: str,
) -> Bundle:
    """Put everything that serving and watching need into one bundle."""
    train, few = dataset.train.examples, dataset.test.examples[:EXAMPLES]
    observed = {**kind.observe(train), **project.outputs.observe(packaged.session.predict(train))}
    reference = Reference.of(observed, {**kind.observed, **project.outputs.observed})
    files = {
        MODEL: packaged.graph,
        "reference.json": msgspec.json.encode(reference),
        "examples.json": encode_examples(kind.render(few), packaged.outputs[:EXAMPLES]),
        "config.yaml": config.encode(),
        "card.md": card.encode(),
    }
    variants = {MODEL: Variant(dict(report.metrics), packaged.parity)}
    return Bundle.seal(Manifest(project.name, kind.describe(), project.outputs.describe(), origin, variants), files)


def card(project: Project, report: Report, parity: Parity, origin: Lineage, models: Sequence[Trained]) -> str:
    """The model card of this turn."""
    commit = origin.git_commit or "not in a git checkout"
    facts = {
        "Model": origin.model,
        "Made": origin.created,
        "Run": origin.run,
        "Data": f"{origin.data_source}; {origin.data_rows} rows, of which {origin.live_rows} live",
        "Data fingerprint": origin.data_fingerprint,
        "Commit": commit + (" with uncommitted changes" if origin.git_dirty else ""),
        "Seed": str(origin.seed),
        "Champion at the time": origin.parent or "none",
    }
    return model_card(
        title=f"{project.name}: {origin.model}",
        summary=project.summary,
        facts=facts,
        report=report,
        models=[(model.name, model.scores) for model in models if model.fitted is not None],
        parity=parity,
        refused=project.ignored,
    )
