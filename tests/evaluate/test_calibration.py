"""How right answers are by how sure they are."""

from itertools import pairwise

import numpy as np
import pytest

from omloop.evaluate import calibration_error, calibration_error_by_chance, metric, reliability, share
from omloop.kinds import Classes

CHANCE = np.random.default_rng(3)


def test_answers_that_are_right_as_often_as_they_say_have_the_error_of_chance():
    sure = CHANCE.random(2000)
    right = (CHANCE.random(2000) < sure).astype(float)
    by_chance = calibration_error_by_chance(sure, seed=0)
    assert calibration_error(sure, right) == pytest.approx(by_chance, abs=0.015)
    assert 0 < by_chance < 0.04


def test_bins_have_equal_mass_and_hold_every_answer_once():
    sure = CHANCE.random(300)
    found = reliability(sure, np.ones(300))
    assert [one.rows for one in found] == [20] * 15
    assert sum(one.rows * one.sure for one in found) == pytest.approx(sure.sum())
    assert all(one.high < other.low for one, other in pairwise(found))


def test_answers_that_are_equally_sure_are_in_one_bin():
    found = reliability(np.repeat([0.5, 0.9], [100, 200]), np.ones(300))
    assert [(one.low, one.high, one.rows) for one in found] == [(0.5, 0.5, 100), (0.9, 0.9, 200)]


def test_of_no_answers_nothing_is_known():
    assert reliability(np.empty(0), np.empty(0)) == [] and np.isnan(calibration_error(np.empty(0), np.empty(0)))
    assert not share(np.empty(0, bool)).defined


def test_the_interval_of_a_share_holds_it_as_often_as_promised():
    drawn = CHANCE.random((2000, 80)) < 0.9
    held = np.mean([one.low <= 0.9 <= one.high for one in map(share, drawn)])
    assert held > 0.93


def test_the_error_is_a_metric_by_name():
    outputs = np.tile([0.7, 0.3], (100, 1))
    found = metric("calibration_error", Classes("mood", ("sad", "happy")))
    assert found(np.repeat([0, 1], [90, 10]), outputs) == pytest.approx(0.2) and not found.higher_is_better
