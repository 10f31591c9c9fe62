"""Whom a candidate is compared with, and when it cannot be."""

from dataclasses import replace
from typing import Any

import pytest

from omloop.bundle import Classes, Number
from omloop.core import Output, Project
from omloop.loop import Workspace
from omloop.loop.gating import decide, find_opponent
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
    opponent, version = find_opponent(felt.registry("tiny"), replace(student, outputs=outputs), NOTHING, NOTHING)
    assert version == tiny_text_bundle().version and opponent.outputs is None
    decision = decide(NOTHING, NOTHING, NOTHING, NOTHING, opponent)
    assert decision.verdict == "not enough evidence" and not decision.promote
    assert decision.reason.startswith("the champion cannot be compared with it: ") and told in decision.reason
