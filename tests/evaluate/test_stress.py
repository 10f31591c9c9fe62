import numpy as np
import pytest

from omloop.evaluate import metric, stress
from omloop.evaluate.stress import STRENGTHS
from omloop.kinds import Column, Number, Table

TABLE = Table((Column("hours", "number", missing=True), Column("sex", "category", categories=("f", "m"))))
MAE = metric("mae", Number("score"))
HOURS = np.random.default_rng(0).normal(5, 1, 300)
RECORDS = {"hours": HOURS, "sex": ["f"] * 300}


def test_a_model_is_scored_on_what_a_server_would_answer() -> None:
    predict = lambda rows: np.nan_to_num(rows[:, 0].astype(float))  # noqa: E731
    found = {(one.corruption, one.strength): one for one in stress(TABLE, predict, RECORDS, HOURS, MAE, seed=1)}
    assert {name for name, _ in found} == {"missing", "noise", "units", "swapped", "unseen"}
    assert {strength for _, strength in found} == {0.0, *STRENGTHS}
    for name in TABLE.corruptions:
        whole = found[name, 0.0].score
        assert whole is not None and whole.value == pytest.approx(0, abs=1e-6) and found[name, 0.0].refused == 0
    noise = [found["noise", strength].score for strength in STRENGTHS]
    assert [one.value for one in noise if one] == pytest.approx([0.2, 0.4, 0.6, 0.8], rel=0.2)
    unseen = found["unseen", 1.0]
    assert unseen.refused == pytest.approx(0.3, abs=0.1) and unseen.score is not None and unseen.score.value < 1e-6


def test_what_hardly_anything_was_answered_to_has_no_score() -> None:
    few = {"hours": HOURS[:30], "sex": ["?"] * 11 + ["f"] * 19}
    found = list(stress(TABLE, lambda rows: rows[:, 0], few, HOURS[:30], MAE, seed=1))
    assert found[0].score is None and found[0].refused == pytest.approx(11 / 30)
