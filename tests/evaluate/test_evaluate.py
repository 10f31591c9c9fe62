import numpy as np
import pytest

from omloop.bundle import Column, Table
from omloop.evaluate import estimate, evaluate, metric, permutation_importance


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """95 % intervals of a mean absolute error over 200 samples of 80 rows."""
    draw = np.random.default_rng(5)
    errors = draw.normal(size=(200, 80))
    true = np.sqrt(2 / np.pi)
    found = [estimate(metric("mae"), np.zeros(80), e, seed=i, resamples=200) for i, e in enumerate(errors)]
    covered = np.mean([e.low <= true <= e.high for e in found])
    assert 0.88 <= covered <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, outputs = np.random.default_rng(0).normal(size=(2, 50))
    one, same, other = (estimate(metric("rmse"), truth, outputs, seed=seed) for seed in (1, 1, 2))
    assert one == same != other


def test_every_group_of_every_slice_is_scored() -> None:
    truth = np.array([0.0, 0.0, 1.0, 1.0])
    report = evaluate(truth, np.array([0.0, 0.0, 2.0, 2.0]), ["mae"], slices={"side": np.array(["l", "l", "r", "r"])})
    assert report.rows == 4
    assert report.slices["side"]["l"]["mae"].value == 0.0
    assert report.slices["side"]["r"]["mae"].value == 1.0


def test_importance_finds_the_column_that_matters_and_ignores_the_rest() -> None:
    examples = np.random.default_rng(0).normal(size=(300, 3))
    truth = 2 * examples[:, 1]
    table = Table(tuple(Column(name, "number") for name in "abc"))
    copies = table.shuffled(examples, seed=0)
    losses = permutation_importance(lambda rows: 2 * rows[:, 1], examples, truth, copies, metric("r2"))
    assert next(iter(losses)) == "b"
    assert losses["b"] > 1.0
    assert losses["a"] == losses["c"] == pytest.approx(0.0)
