import numpy as np

from omloop.core import Metric, lower_is_better
from omloop.evaluate import metric, scores_by_threshold
from omloop.kinds import Classes


def at(name: str, own: dict[str, Metric] | None = None):
    return lambda value: metric(name, Classes("state", ("well", "ill"), threshold=value), own)


def rows(size: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are true: what is given comes true as often as it says."""
    random = np.random.default_rng(0)
    given = random.random(size)
    return (random.random(size) < given).astype(np.int64), np.column_stack([1 - given, given])


def test_the_best_threshold_of_a_cost_is_where_the_costs_of_both_errors_meet() -> None:
    """With a miss nine times as dear as a false alarm it pays to answer from 0.1 on (Elkan, IJCAI 2001)."""
    cost = lower_is_better(
        lambda truth, answered: float(
            9 * ((truth == 1) & (answered == 0)).mean() + ((truth == 0) & (answered == 1)).mean()
        ),
        answered=True,
    )
    found = scores_by_threshold(at("cost", {"cost": cost}), *rows(), about="ill", now=0.5)
    assert found is not None and abs(found.best - 0.1) <= 0.04
    assert found.score == found.scores.min() < found.score_now and found.metric == "cost"


def test_of_equal_thresholds_the_middle_is_best() -> None:
    truth, outputs = np.array([0, 1]), np.array([[0.8, 0.2], [0.2, 0.8]])
    found = scores_by_threshold(at("accuracy"), truth, outputs, about="ill", now=0.5)
    assert found is not None and (found.best, found.score, found.score_now) == (0.5, 1.0, 1.0)


def test_where_no_threshold_is_defined_there_is_none() -> None:
    assert scores_by_threshold(at("recall[ill]"), np.zeros(3, int), np.full((3, 2), 0.5), about="ill", now=0.5) is None
