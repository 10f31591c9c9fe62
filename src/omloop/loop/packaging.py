"""From a trained model to a sealed bundle: export, prove, describe, seal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from omloop.bundle import MODEL, Answers, Bundle, Lineage, Manifest, Reference, Session, Variant, encode_examples
from omloop.bundle.compat import COMPAT, check_compat, read_compat
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
    test: Answers

    @property
    def outputs(self) -> NDArray[np.float64]:
        """The packaged model's outputs for the test part."""
        return self.test.outputs


def package(project: Project, kind: Kind, dataset: Dataset, fitted: Fitted) -> Packaged:
    """Export the model and prove it on real rows and at the limits; raises ExportError if it answers otherwise."""
    kind = fitted.inputs or kind
    graph: bytes = EXPORTERS.load(fitted.family)(fitted, kind, project.outputs, dataset.train.examples)
    session = Session(graph, kind, project.outputs)
    parity = check_parity(fitted, session, dataset.test.examples, kind.edges())
    require_verified(parity)
    return Packaged(graph, session, parity, session.run(dataset.test.examples))


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
    dataset: Dataset,
    packaged: Packaged,
    report: Report,
    *,
    origin: Lineage,
    card: str,
    config: str,
) -> Bundle:
    """Put everything that serving and watching need into one bundle."""
    session, few = packaged.session, dataset.test.examples[:EXAMPLES]
    kind = session.inputs
    reference = Reference.of(_observed(dataset, packaged), session.observed)
    files = {
        **kind.assets,
        MODEL: packaged.graph,
        "reference.json": msgspec.json.encode(reference),
        "examples.json": encode_examples(kind.render(few), packaged.outputs[:EXAMPLES]),
        "config.yaml": config.encode(),
        "card.md": card.encode(),
    }
    answers = project.outputs.answer(packaged.outputs[:1])
    files |= _compat(project, {**answers[0], **kind.remarks(few[:1])[0]})
    variants = {MODEL: Variant(dict(report.metrics), packaged.parity)}
    return Bundle.seal(Manifest(project.name, kind.describe(), project.outputs.describe(), origin, variants), files)


def _compat(project: Project, answer: Mapping[str, Any]) -> dict[str, bytes]:
    """The project's `compat.json`, if it has one; raises BundleError when it could not answer with it."""
    path = None if project.folder is None else project.folder / COMPAT
    if path is None or not path.is_file():
        return {}
    content = path.read_bytes()
    check_compat(read_compat(content), answer)
    return {COMPAT: content}


def _observed(dataset: Dataset, packaged: Packaged) -> dict[str, NDArray[Any]]:
    """What drift is measured against: the training examples, and the answers to examples that were not learned from.

    A model is surer of what it has learned than it will ever be of live examples.
    """
    session = packaged.session
    chosen = session.observe_answers(session.run(dataset.validation.examples))
    judged = session.observe_answers(packaged.test)
    answers = {name: np.concatenate([chosen[name], judged[name]]) for name in chosen}
    return {**session.inputs.observe(dataset.train.examples), **answers}


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
