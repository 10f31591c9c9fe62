"""Whom a candidate is compared with, and when it cannot be."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omloop.core import Dataset, Decision, Output, Part, Project
from omloop.kinds import Classes, Number
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.turn.gate import Entry, Opponent, decide, find_opponent, follow
from omloop.promote import Rules
from omloop.testing.bundles import tiny_text_bundle

NOTHING: Any = None


@pytest.fixture
def felt(workspace: Workspace) -> Workspace:
    """A workspace whose champion of `tiny` tells `negative` from `positive`."""
    registry = workspace.registry("tiny")
    version = registry.add(tiny_text_bundle(), by="test")
    registry.promote(version, expected=None, by="test", reason="a test")
    return workspace


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        (Classes("sentiment", ("negative", "positive", "mixed")), "only the candidate knows mixed"),
        (Classes("sentiment", ("negative", "neutral")), "champion knows positive; only the candidate knows neutral"),
        (Classes("sentiment", ("positive", "negative")), "the same classes in another order"),
        (Number("sentiment"), "one answers a number, the other classes"),
    ],
)
def test_a_champion_that_answers_something_else_is_not_compared(
    felt: Workspace, student: Project, outputs: Output, told: str
) -> None:
    """Class 1 of the one would be taken for class 1 of the other: there is no verdict, and the reason says why."""
    plan = Plan(replace(student, name="tiny", outputs=outputs), student.inputs, NOTHING, felt)
    opponent = find_opponent(plan, NOTHING, NOTHING)
    assert opponent.version == tiny_text_bundle().version and opponent.outputs is None
    decision = decide(plan, NOTHING, NOTHING, opponent)
    assert decision.verdict == "not enough evidence" and not decision.promote
    assert decision.reason.startswith("the champion cannot be compared with it: ") and told in decision.reason


def test_the_same_version_that_somebody_else_promoted_meanwhile_is_champion(felt: Workspace, student: Project) -> None:
    config: Any = SimpleNamespace(promote="auto")
    plan = Plan(replace(student, name="tiny"), student.inputs, config, felt)
    version, better = tiny_text_bundle().version, Decision("better", "a test")
    assert follow(plan, version, better, before=None) == (version, ())


@pytest.mark.parametrize(("groups", "count"), [(None, 30), ([0, 1, 2] * 20, 3)])
def test_rows_of_equal_content_or_of_one_group_count_once(groups: list[int] | None, count: int) -> None:
    """Their keys differ, as those of rows with a number of their own do."""
    random = np.random.default_rng(1)
    rows = np.repeat(random.normal(size=(30, 2)).astype(np.float32), 2, axis=0)
    targets = rows[:, 0].astype(np.float64)
    part = Part(rows, targets, np.arange(60).astype(str), rows=range(60))
    dataset = Dataset(part, part, part, "", "")
    project: Any = SimpleNamespace(outputs=Number("score"), metrics={})
    config: Any = SimpleNamespace(metric="mae", metrics=(), seed=1, rules=Rules(rows=2, resamples=100))
    opponent = Opponent("champion", targets + random.normal(size=60))
    plan = Plan(project, NOTHING, config, NOTHING)
    decision = decide(plan, dataset, targets, opponent, entry=Entry(groups=groups))
    assert f"60 rows ({count} distinct)" in decision.reason
    assert decision.use is not None and decision.use.rows == count
