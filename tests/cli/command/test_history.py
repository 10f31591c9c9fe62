"""`omloop history`, `omloop backtest` and `omloop watch` on the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omloop.core import Project
from omloop.loop import Workspace

Say = Callable[..., tuple[int, str, str]]
SayJson = Callable[..., Any]


def test_the_history_tells_every_decision_with_its_evidence(
    turned: Workspace, omloop: Say, omloop_json: SayJson
) -> None:
    code, out, _ = omloop("history", "student_performance")
    assert code == 0 and "promote" in out and "r2" in out
    found = omloop_json("history", "student_performance")
    assert [event["kind"] for event in found] == ["add", "decide", "promote"]
    assert found[1]["evidence"]["numbers"]["rows"] > 0
    assert [event["kind"] for event in omloop_json("history", "student_performance", "--last", 1)] == ["promote"]


def test_a_project_without_history_says_how_to_begin(workspace: Workspace, omloop: Say) -> None:
    code, out, _ = omloop("history", "student_performance")
    assert code == 0 and "Begin with: omloop turn student_performance" in out


def test_a_look_with_something_to_tell_has_a_report_and_is_no_failure(
    student: Project, turned: Workspace, go_live: Callable[..., None], omloop: Say, omloop_json: SayJson
) -> None:
    go_live(turned, 800, drift=1.0, seed=5)
    code, out, _ = omloop("watch", student.name, "--once")
    assert code == 0 and "it hurts" in out and "report" in out
    assert (turned.watch(student.name) / "verdict.html").stat().st_size < 1_000_000
    assert [event["kind"] for event in omloop_json("history", student.name)][-1] == "alarm"


def test_a_wrong_policy_is_refused_before_anything_is_done(turned: Workspace, omloop: Say, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("loss: never", encoding="utf-8")
    for words in (["watch", "student_performance", "--once"], ["backtest", "student_performance"]):
        code, _, err = omloop(*words, "--policy", wrong)
        assert code == 1 and "wrong.yaml" in err and "Traceback" not in err


def test_a_backtest_of_an_empty_log_and_of_no_days_says_what_to_do(turned: Workspace, omloop: Say) -> None:
    code, _, err = omloop("backtest", "student_performance")
    assert code == 1 and "no predictions" in err
    code, _, err = omloop("backtest", "student_performance", "--days", "0")
    assert code == 1 and "give more than 0" in err


def test_a_backtest_draws_its_comparison(
    student: Project, turned: Workspace, go_live: Callable[..., None], omloop: Say, tmp_path: Path
) -> None:
    go_live(turned, 500, drift=0.0, seed=5)
    plot = tmp_path / "plot.png"
    code, out, _ = omloop("backtest", student.name, "--plot", plot)
    assert code == 0 and "only told" in out and plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_promise_says_how_often_it_errs_and_what_it_sees(turned: Workspace, omloop: Say) -> None:
    code, out, _ = omloop("watch", "student_performance", "--promise")
    assert code == 0 and "25,000 predictions has a chance of 1.0% at most" in out and "is seen within" in out
