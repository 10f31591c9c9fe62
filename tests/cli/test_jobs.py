"""`--on` and `omloop jobs`."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Say = Callable[..., tuple[int, str, str]]
TURN = ("turn", "student_performance", "model=linear", "data.rows=300")


def test_a_turn_elsewhere_makes_a_version_here(omloop: Say, omloop_json: Callable[..., Any]) -> None:
    begun = omloop_json(*TURN, "--on", "local", "--tag", "for=paper")
    code, out, _ = omloop("jobs", "logs", begun["job"], "--follow")
    assert code == 0 and "champion now" in out
    assert omloop_json("jobs", "status", begun["job"])["state"] == "finished"
    assert [one["job"] for one in omloop_json("jobs", "list")] == [begun["job"]]
    assert len(omloop_json("versions", "student_performance")) >= 1
    assert omloop_json("jobs", "fetch", begun["job"])["files"][0].endswith("/log")


@pytest.mark.slow
def test_who_waits_gets_the_result_and_the_exit_code(omloop: Say) -> None:
    code, out, err = omloop(*TURN, "--on", "local", "--wait", "--json")
    assert code == 0 and json.loads(out)["promoted"] and "job 20" in err
    code, out, _ = omloop(*TURN, "--on", "local", "--wait", "data.rows=1")
    assert code == 1 and "omloop: " in out and "records" in out


def test_mistakes_are_one_line(omloop: Say) -> None:
    for words, told in {
        (*TURN, "--on", "slrum"): "Did you mean 'slurm'",
        (*TURN, "--on", "local", "model.alhpa=1"): "no configuration key 'model.alhpa'",
        ("jobs", "status", "12"): "No job is called '12'",
        ("jobs", "cancel"): "Which job?",
    }.items():
        code, _, err = omloop(*words)
        assert code == 1 and told in err and len(err.strip().splitlines()) == 1, err
    code, out, _ = omloop("jobs", "list")
    assert code == 0 and "There is no job" in out
