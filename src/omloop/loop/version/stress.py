"""How a version bears inputs that go wrong, kept as a run of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from omloop.core import Facts, Project
from omloop.evaluate import StressScore, stress
from omloop.loop.turn.recording import recorded_run
from omloop.loop.version.rescore import remade
from omloop.track import stress_curves

if TYPE_CHECKING:
    from omloop.loop.workspace import Workspace

MOST_ROWS = 1000


@dataclass(frozen=True, repr=False)
class StressTest(Facts):
    """What a version scored under every corruption, on how many test rows, and the run that keeps it."""

    version: str
    run: str
    rows: int
    metric: str
    results: tuple[StressScore, ...]

    def facts(self) -> dict[str, object]:
        """What came of it."""
        spoilt = dict.fromkeys(one.corruption for one in self.results)
        return {"version": self.version, "metric": self.metric, "rows": self.rows, "corruptions": len(spoilt)}


def stress_version(
    project: Project, overrides: Sequence[str], workspace: Workspace, *, version: str | None = None
) -> StressTest:
    """Score `version` (the champion by default) on test rows that go wrong, by the metric of the gate.

    It takes 1,000 test rows at most, at even distances. The run keeps `stress.json` and `plots/stress.png`.
    """
    again = remade(project, overrides, workspace, version)
    test, score = again.dataset.test, again.plan.metrics[0]
    chosen = np.linspace(0, len(test) - 1, min(MOST_ROWS, len(test))).astype(np.int64)
    columns = again.records.take([test.rows[row] for row in chosen])
    truth, seed = test.targets[chosen], again.plan.config.seed
    with recorded_run(again.plan, kind="stress", dataset=again.dataset) as run:
        results = tuple(stress(again.session.inputs, again.session.predict, columns, truth, score, seed=seed))
        found = StressTest(again.bundle.version, run.name, len(chosen), score.name, results)
        run.keep("stress.json", json.dumps(asdict(found), indent=2).encode())
        run.keep("plots/stress.png", stress_curves(_curves(results), score.name))
        run.finish("finished", {"version": found.version, "stress": score.name, "rows": found.rows})
    return found


def _curves(results: Sequence[StressScore]) -> dict[str, list[tuple[float, float, float, float]]]:
    curves: dict[str, list[tuple[float, float, float, float]]] = {}
    for one in results:
        points = curves.setdefault(one.corruption, [])
        if one.score is not None:
            points.append((one.strength, one.score.value, one.score.low, one.score.high))
    return curves
