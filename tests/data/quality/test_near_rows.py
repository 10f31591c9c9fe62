import numpy as np
import pytest
from numpy.typing import NDArray

from omloop.data.quality.near_rows import LEAST_WIDTH, near_rows


def same(rows: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.asarray(rows, np.float32)


@pytest.mark.parametrize("width", [40, 2000])
def test_a_noisy_copy_is_found_and_strangers_are_not(width: int) -> None:
    """Narrow vectors are compared as they are, wide ones through a projection."""
    draw = np.random.default_rng(0)
    earlier, later = draw.normal(size=(1500, width)), draw.normal(size=(1100, width))
    later[1050] = earlier[1400] * 3 + 2 + draw.normal(size=width) * 0.3
    assert near_rows(same, later, earlier) == {1050: 1400}


@pytest.mark.parametrize(("noise", "near"), [(0.2, True), (0.3, False)])
def test_the_level_is_that_of_the_full_vectors(noise: float, near: bool) -> None:
    """Correlations of 0.98 and 0.958: the projection's error decides nothing."""
    draw = np.random.default_rng(3)
    earlier = draw.normal(size=(50, 3000))
    assert (near_rows(same, earlier[:1] + noise * draw.normal(size=3000), earlier) != {}) == near


def test_rows_without_contrast_are_like_nothing() -> None:
    assert near_rows(same, np.ones((2, 40)), np.ones((3, 40))) == {}


def test_few_columns_correlate_by_chance_and_are_left_alone() -> None:
    rows = np.random.default_rng(0).normal(size=(5, LEAST_WIDTH - 1))
    assert near_rows(same, rows, rows) == {}


def test_nothing_is_near_nothing() -> None:
    assert near_rows(same, np.empty((0, 40)), np.ones((3, 40))) == {}
    assert near_rows(same, np.ones((3, 40)), np.empty((0, 40))) == {}
