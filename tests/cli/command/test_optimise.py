"""`omloop optimise` as a user types it."""

from collections.abc import Callable
from typing import Any

from omloop.bundle import MODEL
from omloop.loop import Workspace

NAME = "student_performance"
Say = Callable[..., tuple[int, str, str]]
SayJson = Callable[..., Any]


def test_the_menu_is_printed_with_all_that_was_measured(omloop: Say, turned: Workspace) -> None:
    version = turned.registry(NAME).champion()
    code, out, err = omloop("optimise", NAME, version, "optimise.variants=[fused,int8]", "optimise.batch=4")
    assert code == 0, err
    for word in ("p50 ms", "p99 of 4", "rows/s", "agrees", "memory", "fused", "Nothing in the graph", "plots/menu.png"):
        assert word in out


def test_the_menu_is_json_too_and_a_version_may_be_left_out(omloop_json: SayJson, turned: Workspace) -> None:
    before = turned.registry(NAME).champion()
    found = omloop_json("optimise", NAME, "optimise.variants=[fused]")
    assert found["parent"] == before and found["forms"].keys() == {MODEL, "fused"}
    assert found["forms"]["fused"]["cost"]["p50_ms"] > 0 and found["metric"] == "r2"
    assert turned.registry(NAME).manifest(found["version"]).lineage.parent == before


def test_a_budget_that_nothing_meets_is_one_line_when_that_is_wanted(omloop: Say, turned: Workspace) -> None:
    words = ["optimise.variants=[fused]", "optimise.budget.p99_ms=0.000001", "optimise.unmet=refuse"]
    code, _, err = omloop("optimise", NAME, *words)
    told = [line for line in err.splitlines() if not line.startswith("·")]  # a slow machine tells its progress too
    assert code == 1 and len(told) == 1 and "No variant of the model keeps within the budget" in told[0]
    assert len(turned.registry(NAME).versions()) == 1
