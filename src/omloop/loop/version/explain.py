"""Which inputs matter to a version: its loss without each, and what its answers depend on by and large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from omloop.bundle import Bundle, Session
from omloop.core import Estimate, ExampleArray, Facts, OmloopError, install_command, is_installed
from omloop.evaluate import permutation_importance
from omloop.loop.project.discover import at_hand, find_project
from omloop.loop.project.plan import LOG, Tell
from omloop.loop.version.rescore import remade

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

EXTRA = "explain"
MOST_EXPLAINED = 50
"""How many answers' contributions to average."""
ROWS_EACH = 10_000
"""Rows of the model for each of them: half a million in all, some seconds of a boosted model."""


@dataclass(frozen=True, repr=False)
class VersionExplanation(Facts):
    """What matters to a version, by column, the most first.

    `importance` is what `metric` loses if a column is shuffled, on `rows` rows of the test part; without the project
    there is none. `contributions` are means of sizes of Shapley values over `explained` answers, in the unit of the
    answer; without the extra there are none. `notes` say what is missing.
    """

    version: str
    metric: str
    rows: int
    importance: Mapping[str, Estimate]
    explained: int
    contributions: Mapping[str, Estimate]
    unit: str = ""
    notes: tuple[str, ...] = field(default=())

    def facts(self) -> dict[str, object]:
        """What came of it."""
        most = next(iter(self.importance or self.contributions), None)
        return {"version": self.version, "metric": self.metric, "most": most}


def explain_version(
    name: str, workspace: Workspace, *, version: str | None = None, seed: int = 0, tell: Tell = LOG.info
) -> VersionExplanation:
    """What matters to `version`, the champion by default.

    Importance is on test rows, which the version never saw. Raises OmloopError for a model of pictures or texts, which
    have no columns.
    """
    registry = workspace.registry(name)
    bundle = registry.load(version or registry.require_champion())
    session = Session.of(bundle)
    if next(iter(session.inputs.shuffled(session.inputs.edges()[:1], seed)), None) is None:
        raise OmloopError(
            f"{name} has no columns, so none matters more than another. Explain one answer: omloop explain {name} "
            "--file FILE"
        )
    metric, rows, importance = "", 0, dict[str, Estimate]()
    notes: list[str] = []
    if at_hand(name, workspace.settings):
        tell("explain: shuffling one column after another of the test rows")
        again = remade(find_project(name, workspace.settings), (), workspace, bundle.version, by="explain", tell=tell)
        score, test = again.plan.metrics[0], again.dataset.test
        importance = permutation_importance(
            again.session.predict, again.session.inputs, test.examples, test.targets, score, seed=seed
        )
        metric, rows = score.name, len(test)
    else:
        notes.append("importance needs the project's data, and only its versions are here")
    explained, contributions = 0, dict[str, Estimate]()
    if is_installed(EXTRA):
        tell("explain: Shapley values of some answers")
        explained, contributions = _contributions(bundle, session, seed)
    else:
        notes.append(f"Shapley values need another package: {install_command(EXTRA)}")
    unit = "of the probability" if session.outputs.classes else str(session.outputs.describe().get("unit") or "")
    return VersionExplanation(bundle.version, metric, rows, importance, explained, contributions, unit, tuple(notes))


def _contributions(bundle: Bundle, session: Session, seed: int) -> tuple[int, dict[str, Estimate]]:
    """Of how many answers to the bundle's own sample, and how much each column adds or takes on average."""
    from omloop.explain import background_of, explain_answer, mean_contributions

    known: ExampleArray = background_of(bundle, session.inputs)
    chosen = np.linspace(0, len(known) - 1, min(MOST_EXPLAINED, len(known))).astype(np.int64)
    told = [explain_answer(session, known[at : at + 1], known, rows=ROWS_EACH, seed=seed) for at in chosen]
    return len(told), mean_contributions(told, seed=seed)
