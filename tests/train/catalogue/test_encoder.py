"""A table's encoder: what it learns of numbers and words, and that no row knows its own answer."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")
from omloop.kinds import Column, Table
from omloop.train.catalogue.encoder import EncoderPlan, TableEncoder

NUMBERS = Table((Column("a", "number", missing=True), Column("b", "number")))


def encoder_of(table: Table, rows: Any, targets: Any, **plan: Any) -> tuple[TableEncoder, Any]:
    encoder = TableEncoder.of(table, EncoderPlan(**plan), seed=0)
    return encoder, encoder.fit_transform(np.asarray(rows, np.float32), np.asarray(targets, float).reshape(-1, 1))


def test_scaled_numbers_are_filled_with_the_median_and_say_so() -> None:
    rows = [[1.0, 2.0], [np.nan, 4.0], [3.0, 6.0], [2.0, 8.0]]
    encoder, encoded = encoder_of(NUMBERS, rows, [0, 1, 0, 1], scaled=True)
    assert encoded.dtype == np.float32 and encoded.shape == (4, 3)
    assert encoded[1, 0] == 0.0 and encoded[:, 2].tolist() == [0, 1, 0, 0]
    np.testing.assert_allclose(encoded[:, 1].mean(), 0, atol=1e-6)
    assert np.isfinite(encoder.transform(np.array([[np.inf, -1e30]], np.float32))).all()


def test_an_extreme_number_is_cut_and_does_not_stretch_the_others() -> None:
    rows = np.stack([np.r_[np.linspace(0, 1, 500), 1e9], np.zeros(501)], axis=1)
    _, encoded = encoder_of(NUMBERS, rows, rows[:, 0], scaled=True)
    assert np.ptp(encoded[:500, 0]) > 1 and encoded[500, 0] < 20


def test_bends_lie_between_the_ends_of_a_number() -> None:
    rows = np.stack([np.linspace(0, 9, 100), np.tile([0, 1], 50)], axis=1)
    encoder, encoded = encoder_of(NUMBERS, rows, rows[:, 0], scaled=True, knots=4)
    assert encoder.bent_.tolist().count(0) == 4
    assert (encoded[:, 2:] >= 0).all() and (encoded[-1, 2:6] > 0).all() and (encoded[0, 2:6] == 0).all()


def test_no_training_row_knows_its_own_answer() -> None:
    """Every word is there once: what the others say of it is the mean of all, near enough."""
    table = Table((Column("name", "category", categories=tuple(f"name {number}" for number in range(400))),))
    rows, targets = np.arange(400.0).reshape(-1, 1), np.tile([-1.0, 1.0], 200)
    encoder, encoded = encoder_of(table, rows, targets)
    assert abs(np.corrcoef(encoded[:, -1], targets)[0, 1]) < 0.2
    assert np.corrcoef(encoder.transform(rows)[:, -1], targets)[0, 1] > 0.99


def test_a_word_that_training_never_met_counts_as_the_mean_of_all() -> None:
    table = Table((Column("name", "category", categories=("a", "b", "c", "new"), missing=True),))
    encoder, _ = encoder_of(table, np.repeat([[0], [1], [2]], 40, axis=0), np.repeat([0, 3, 6], 40), one_hot=2)
    a, new, absent = encoder.transform(np.array([[0], [3], [np.nan]], np.float32))[:, -1]
    assert (new, absent) == (3.0, 3.0) and 0 < a < 1


def test_a_place_behind_the_columns_is_a_number() -> None:
    """What a date or a text is told in."""
    encoder, encoded = encoder_of(NUMBERS, np.arange(12.0).reshape(3, 4), [0, 1, 2])
    assert encoder.numbers_.tolist() == [0, 1, 2, 3] and encoded.shape == (3, 4)
