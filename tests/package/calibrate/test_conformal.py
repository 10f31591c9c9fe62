"""What an interval promises, over many draws of data on which nobody knows the model's errors."""

import numpy as np
import pytest

from omloop.package.calibrate import half_width, least_rows

CHANCE = np.random.default_rng(0)


@pytest.mark.parametrize("draw", [CHANCE.normal, CHANCE.standard_cauchy, lambda size: CHANCE.integers(0, 3, size)])
@pytest.mark.parametrize(("level", "rows"), [(0.9, 9), (0.9, 100), (0.8, 37)])
def test_new_errors_lie_within_the_width_as_often_as_promised(draw, level, rows):
    """Whatever they are like: over 4000 draws the share is that of the level, within four standard errors."""
    draws = np.abs(np.asarray(draw(size=(4000, rows + 1)), float))
    share = np.mean([errors[-1] <= half_width(errors[:-1], level) for errors in draws])
    assert share > level - 4 * np.sqrt(level * (1 - level) / 4000)


def test_distinct_errors_lie_within_it_hardly_more_often():
    """By less than 1 / (n + 1), as Lei et al. (2018) prove."""
    draws = np.abs(CHANCE.normal(size=(4000, 51)))
    share = np.mean([errors[-1] <= half_width(errors[:-1], 0.9) for errors in draws])
    assert share < 0.9 + 1 / 51 + 4 * np.sqrt(0.09 / 4000)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_too_few_examples_give_no_width(level):
    fewest = least_rows(level)
    assert half_width(np.ones(fewest - 1), level) is None and half_width(np.ones(fewest), level) == 1.0
