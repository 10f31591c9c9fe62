"""An answer on the page, by the kind of what is answered."""

import pytest

from omloop.ui.pages.answers import _remarks
from omloop.ui.pages.outputs import answers_of

SCORE = {"kind": "number", "name": "score", "unit": "points", "low": 0, "high": 100}
MOOD = {"kind": "classes", "name": "mood", "classes": ["sad", "happy"]}


def test_a_number_is_shown_with_the_interval_that_holds_the_truth() -> None:
    sure = {**SCORE, "interval": {"level": 0.9, "half": 8.2}}
    found = {"id": "1", "value": 62.1, "interval": [53.9, 70.3]}
    shown = answers_of({"outputs": sure}).draw(found)
    assert "between 53.9 and 70.3 in 9 of 10 cases" in shown and "left:53.9%;width:16.4%" in shown
    assert _remarks(found) == ""


def test_a_number_of_an_older_version_is_shown_with_its_usual_error() -> None:
    shown = answers_of({"outputs": SCORE, "tested": {"mae": {"value": 4.0}}}).draw({"value": 62.1})
    assert "off by 4.0 points on average" in shown and "left:58.1%;width:8.0%" in shown and "between" not in shown


def test_confidence_is_told_as_how_many_such_answers_are_right() -> None:
    found = {"label": "happy", "confidence": 0.87, "probabilities": {"sad": 0.13, "happy": 0.87}}
    assert "about 87 % are right" in answers_of({"outputs": {**MOOD, "calibration": "isotonic"}}).draw(found)
    del found["confidence"]
    assert "87 % of its trust" in answers_of({"outputs": MOOD}).draw(found)


@pytest.mark.parametrize(("way", "calibrated"), [("temperature", True), ("isotonic", True), ("none", False)])
def test_only_a_calibrated_answer_says_how_often_such_answers_are_right(way: str, calibrated: bool) -> None:
    found = {"label": "happy", "confidence": 0.87, "probabilities": {"sad": 0.13, "happy": 0.87}}
    drawn = answers_of({"outputs": {**MOOD, "calibration": way}}).draw(found)
    assert ("about 87 % are right" in drawn) is calibrated
    assert ("87 % of its trust" in drawn) is not calibrated


def test_an_answer_that_is_not_the_most_probable_says_why() -> None:
    answers = answers_of({"outputs": MOOD})
    assert "sad is more probable. This model decides by the thresholds of its classes." in answers.draw(
        {"label": "glad", "probabilities": {"glad": 0.2, "sad": 0.8}}
    )
    for glad in (0.5, 0.8):
        found = {"label": "glad", "probabilities": {"glad": glad, "sad": 1 - glad}}
        assert "more probable" not in answers.draw(found)
