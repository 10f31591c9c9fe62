"""`omloop sweep`."""

from collections.abc import Callable
from typing import Any

import yaml

WORDS = ("student_performance", "model=linear", "model.knots=0", "data.rows=300", "model.alpha=1,1000")


def test_a_sweep_tells_its_best_trials(omloop: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = omloop("sweep", *WORDS, "--method", "grid", "--no-turn")
    assert code == 0 and "2 of 2: trial 1" in err
    assert "best      model=linear model.knots=0 data.rows=300 model.alpha=1" in out and "trials.csv" in out


def test_its_definition_for_weights_and_biases_is_yaml(omloop_json: Callable[..., Any]) -> None:
    found = yaml.safe_load(omloop_json("sweep", *WORDS, "--export", "wandb", "--trials", "7")["definition"])
    assert found["run_cap"] == 7 and found["parameters"] == {"model.alpha": {"values": ["1", "1000"]}}


def test_a_mistake_is_one_line(omloop: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = omloop("sweep", "student_performance", "model.lr=lgo:1,2")
    assert code == 1 and "'lgo' is no kind of range" in err and len(err.strip().splitlines()) == 1
