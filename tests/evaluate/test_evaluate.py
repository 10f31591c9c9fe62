import numpy as np

from omloop.core import Estimate, Metric
from omloop.evaluate import estimate, evaluate, metric, permutation_importance
from omloop.kinds import Classes, Column, Number, Table

SCORE = Number("score")


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """95 % intervals of a mean absolute error over 200 samples of 80 rows."""
    draw = np.random.default_rng(5)
    errors = draw.normal(size=(200, 80))
    true = np.sqrt(2 / np.pi)
    found = [estimate(metric("mae", SCORE), np.zeros(80), e, seed=i, resamples=200) for i, e in enumerate(errors)]
    covered = np.mean([e.low <= true <= e.high for e in found])
    assert 0.88 <= covered <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, outputs = np.random.default_rng(0).normal(size=(2, 50))
    one, same, other = (estimate(metric("rmse", SCORE), truth, outputs, seed=seed) for seed in (1, 1, 2))
    assert one == same != other


def test_every_group_of_every_slice_is_scored() -> None:
    truth = np.array([0.0, 0.0, 1.0, 1.0])
    sides, outputs = {"side": np.array(["l", "l", "r", "r"])}, np.array([0.0, 0.0, 2.0, 2.0])
    report = evaluate(truth, outputs, [metric("mae", SCORE)], slices=sides)
    assert report.rows == 4
    assert report.slices["side"]["l"]["mae"].value == 0.0
    assert report.slices["side"]["r"]["mae"].value == 1.0


def test_importance_finds_the_column_that_matters_and_ignores_the_rest() -> None:
    examples = np.random.default_rng(0).normal(size=(300, 3))
    truth = 2 * examples[:, 1]
    table = Table(tuple(Column(name, "number") for name in "abc"))
    r2 = metric("r2", SCORE)
    losses = permutation_importance(lambda rows: 2 * rows[:, 1], table, examples, truth, r2, seed=0)
    assert next(iter(losses)) == "b"
    assert 1.0 < losses["b"].low < losses["b"].value < losses["b"].high < 3.0
    assert losses["a"] == losses["c"] == Estimate(0.0, 0.0, 0.0)


def test_the_interval_of_an_importance_covers_what_many_rows_show() -> None:
    """A model that leans on `a` twice as much as on `b`, scored by squared error: shuffling loses 2 w² var."""
    table = Table((Column("a", "number"), Column("b", "number")))
    found = []
    for seed in range(40):
        examples = np.random.default_rng(seed).normal(size=(120, 2))
        model = lambda rows: rows @ [2.0, 1.0]  # noqa: E731
        squared = Metric("mse", False, lambda truth, outputs: float(np.square(truth - outputs).mean()))
        found.append(permutation_importance(model, table, examples, model(examples), squared, seed=seed))
    covered = [one[name].low <= loss <= one[name].high for one in found for name, loss in (("a", 8.0), ("b", 2.0))]
    assert np.mean(covered) >= 0.85


def test_draws_of_one_class_alone_are_left_out_of_an_interval_and_no_score_is_nan() -> None:
    area = metric("roc_auc", Classes("ill", ("no", "yes")))
    truth, given = np.array([0, 0, 0, 0, 1]), np.array([0.1, 0.2, 0.3, 0.6, 0.5])
    outputs = np.column_stack([1 - given, given])
    found = estimate(area, truth, outputs, seed=1)
    assert found.value == 0.75 and 0 <= found.low < 0.75 < found.high <= 1
    assert np.isnan([*vars(estimate(area, truth[:4], outputs[:4], seed=1)).values()]).all()
