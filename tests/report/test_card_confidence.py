"""The card's part on confidence."""

from dataclasses import replace

from omloop.bundle.confidence import Confidence, confidence_in
from omloop.report.card_confidence import confidence_markdown
from omloop.testing.bundles import tiny_sure_bundle


def told(classes: tuple[str, ...] = ()) -> Confidence:
    found = confidence_in(tiny_sure_bundle(classes=classes).files)
    assert found is not None
    return found


def test_an_interval_is_told_with_what_it_promised_and_what_it_held() -> None:
    card = confidence_markdown(told(), "points")
    assert "holds the truth in 90 % of cases: 8.00 points to either side" in card
    assert "| within the interval | 0.900 [0.815, 0.948] of 80 rows |" in card
    assert "| mean width | 16.0 points |" in card


def test_without_an_interval_the_card_says_why() -> None:
    card = confidence_markdown(Confidence("none", "8 held-out examples are too few.", 8, 80, level=0.9))
    assert "carry no interval. 8 held-out examples are too few." in card


def test_calibration_is_told_before_and_after_beside_what_chance_gives() -> None:
    card = confidence_markdown(told(("sad", "happy")))
    assert "| expected calibration error | 0.250 | 0.125 |" in card and "Chance alone gives 0.100" in card
    assert "| 0.750 to 0.950 | 80 | 0.875 | 1.000 |" in card


def test_probabilities_that_stayed_have_one_column() -> None:
    card = confidence_markdown(replace(told(("sad", "happy")), method="none", about=""))
    assert "| on 80 test rows | as served |" in card and "| expected calibration error | 0.125 |" in card
