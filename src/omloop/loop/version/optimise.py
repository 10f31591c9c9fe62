"""Making a version that carries a menu of a registered one's variants, and serves the best of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omloop.bundle import CARD, MODEL, TRAINING_KEYS, Bundle, Session
from omloop.bundle.confidence import confidence_in
from omloop.core import Decision, Facts, Project
from omloop.evaluate import evaluate
from omloop.loop.project.configure import configure
from omloop.loop.project.plan import LOG, Tell
from omloop.loop.turn.confidence import checked
from omloop.loop.turn.gate import settle
from omloop.loop.turn.packaged import Menu, Packaged
from omloop.loop.turn.packaging import created_now, seal
from omloop.loop.turn.plots import draw_menu
from omloop.loop.turn.recording import recorded_run, scores
from omloop.loop.turn.trained_variants import no_trained_variants
from omloop.loop.turn.variants import with_menu
from omloop.loop.version.rescore import against, remade
from omloop.optimise import VARIANTS
from omloop.track import package_versions

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

LEARNED = ("baseline.json", "reference.json")
"""The confidence that a version keeps from its source version, if that learned from its calibration examples."""


@dataclass(frozen=True, repr=False)
class OptimiseResult(Facts):
    """The result of `omloop optimise`: a new version with a menu, and the gate's verdict on its served variant."""

    version: str
    parent: str
    run: str
    metric: str
    menu: Menu
    decision: Decision
    champion: str | None
    notes: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """What came of it."""
        return {"version": self.version, "of": self.parent, "serves": self.menu.served, "gate": self.decision.reason}


def optimise_version(
    project: Project,
    overrides: Sequence[str],
    workspace: Workspace,
    *,
    version: str | None = None,
    by: str = "optimise",
    tell: Tell = LOG.info,
) -> OptimiseResult:
    """Make a version of `version` (the champion by default) that carries a menu and serves the best variant of it.

    The gate judges it like any other. Against its own source model it need not be better: it costs less, and may lose
    what the budget allows. The run keeps `plots/menu.png`. Raises OmloopError as a turn does.
    """
    again = remade(project, overrides, workspace, version, by=by, tell=tell)
    plan, dataset, records, old = again.plan, again.dataset, again.records, again.bundle
    config = plan.config
    if not config.optimise.variants:
        # Said in words, which the version keeps: a retraining of it makes the same variants.
        config = configure(project, [*config.overrides, f"optimise.variants=[{','.join(VARIANTS.names())}]"])
        plan = replace(plan, config=config)
    with recorded_run(plan, kind="optimise", dataset=dataset) as run:
        plain = Session.of(old, variant=MODEL)
        parity = old.manifest.variants[MODEL].parity
        packaged = Packaged(
            old.files[MODEL],
            plain,
            parity,
            plain.run(dataset.test.examples),
            exported=old.files.get("export.json", b""),
            confidence=confidence_in(old.files),
        )
        metrics = plan.metrics
        packaged = with_menu(plan, dataset, packaged, no_trained_variants(config))
        menu = packaged.menu
        assert menu is not None  # noqa: S101  it was just made
        draw_menu(run, menu, config.metric)
        test = dataset.test
        packaged = checked(packaged, test, seed=config.seed)
        report = evaluate(test.targets, packaged.outputs, metrics, slices=test.slices, seed=config.seed)
        tell("register: a new version")
        origin = replace(
            old.manifest.lineage,
            created=created_now(),
            run=run.name,
            config_sha256=hashlib.sha256(config.yaml.encode()).hexdigest(),
            packages=package_versions(),
            parent=old.version,
        )
        card = old.files.get(CARD, b"").decode()
        bundle = seal(plan, dataset, packaged, report, origin=origin, card=card, records=records)
        # Nothing was learned anew; of examples that were learned from, no variant can say how it is on new ones.
        kept = (TRAINING_KEYS, *(LEARNED if packaged.confidence and packaged.confidence.of_others else ()))
        files = {name: old.files[name] for name in kept if name in old.files}
        bundle = Bundle.seal(bundle.manifest, {**bundle.files, **files})
        made = plan.registry.add(bundle, by=by)
        tell("gate: what it serves against the champion")
        opponent = against(again)
        allowed = config.optimise.budget.max_drop if opponent.version == old.version and menu.served != MODEL else 0.0
        decision, champion, notes = settle(plan, dataset, packaged.outputs, opponent, made, records, allowed=allowed)
        run.finish(
            "finished",
            {"version": made, "model": old.manifest.lineage.model, "served": menu.served, "verdict": decision.verdict}
            | scores(report.metrics, report.part, metrics),
        )
    return OptimiseResult(made, old.version, run.name, config.metric, menu, decision, champion, notes)
