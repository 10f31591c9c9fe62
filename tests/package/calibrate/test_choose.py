"""Whether, and how, a model's probabilities are calibrated."""

import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.core import Metric
from omloop.evaluate import metric
from omloop.kinds import Classes
from omloop.package.calibrate import LEAST_FOR_CURVES, Choice, choose_calibration

MOOD = Classes("mood", ("sad", "happy"))
ACCURACY = metric("accuracy", MOOD)
CHANCE = np.random.default_rng(2)


def drawn(rows: int, sharper: float = 1.0) -> tuple[NDArray, NDArray]:
    """Probabilities whose logits are `sharper` than what comes true."""
    logits = 2 * CHANCE.normal(size=rows)
    truth = (CHANCE.random(rows) < 1 / (1 + np.exp(-logits))).astype(int)
    happy = 1 / (1 + np.exp(-sharper * logits))
    return np.stack([1 - happy, happy], axis=1), truth


def choose(rows: int, way: str = "auto", sharper: float = 1.0, by: Metric = ACCURACY) -> Choice:
    return choose_calibration(way, *drawn(rows, sharper), metric=by, seed=0)


def test_a_model_that_is_right_as_often_as_it_says_is_hardly_ever_touched():
    """By chance in one of twenty at most; how often in forty draws is within that beyond doubt."""
    touched = sum(choose(400).calibrator is not None for _ in range(40))
    assert touched <= 6


@pytest.mark.parametrize("sharper", [0.3, 4.0])
def test_one_that_is_too_sure_or_not_sure_enough_gets_a_temperature(sharper):
    found = choose(400, sharper=sharper)
    assert found.calibrator is not None and found.calibrator.method == "temperature"
    assert found.calibrator.temperature == pytest.approx(sharper, rel=0.3)
    assert "log loss falls from" in found.why


def test_one_that_is_wrong_in_another_way_gets_curves_where_there_are_enough_examples():
    chance = CHANCE.random(4000)
    truth = (CHANCE.random(4000) < chance).astype(int)
    outputs = np.stack([1 - chance**4, chance**4], axis=1)
    found = choose_calibration("auto", outputs, truth, metric=ACCURACY, seed=0)
    assert found.calibrator is not None and found.calibrator.method == "isotonic"
    few = choose_calibration("auto", outputs[:900], truth[:900], metric=ACCURACY, seed=0)
    assert few.calibrator is None or few.calibrator.method == "temperature"


def test_none_is_taken_that_decides_worse():
    """With a threshold other answers follow from other probabilities."""
    strict = Classes("mood", ("sad", "happy"), threshold=0.9)
    found = choose(2000, sharper=4.0, by=metric("recall[happy]", strict))
    assert found.calibrator is None and "With it recall[happy] of held-out examples would go from" in found.why


@pytest.mark.parametrize("way", ["auto", "temperature", "isotonic"])
def test_too_few_examples_are_not_calibrated_by(way):
    assert "9 held-out examples are too few" in choose(9, way, 4.0).why


def test_what_is_asked_for_is_done():
    assert choose(300, "none", 4.0) == Choice(None, "The configuration asks for none.")
    assert choose(300, "temperature").calibrator.method == "temperature"
    assert choose(LEAST_FOR_CURVES, "isotonic").calibrator.method == "isotonic"
    instead = choose(300, "isotonic")
    assert instead.calibrator.method == "temperature" and "too few for curves" in instead.why


def test_the_same_seed_chooses_the_same():
    outputs, truth = drawn(1200, 1.3)
    one, same = (choose_calibration("auto", outputs, truth, metric=ACCURACY, seed=5) for _ in range(2))
    assert one.why == same.why
