"""A linear model of a table: what the others must be worth more than."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.core import Fitted, Job

if TYPE_CHECKING:
    from omloop.train.catalogue.learning import Lesson

MOST_ROWS = 200_000
MOST_CELLS = 4e7
"""Rows times encoded columns times classes that are learned from: a minute of work, half a gigabyte."""
FEW = 500
"""Validation rows from which on they choose the penalty; with fewer, parts of training do."""


@dataclass
class Linear:
    """A weight a number and a word, with a penalty on all: ridge or logistic regression.

    Numbers are cut at extremes and standardised; a number's line may bend at `knots` quantiles. Of the `penalties`,
    each relative to the number of rows, the best on rows left out is kept. `balance` weighs rare classes up, from 0
    to 1.
    """

    name: str = "linear"
    penalties: list[float] = field(default_factory=lambda: [1e-1, 1e-2, 1e-3, 1e-4])
    knots: int = 4
    balance: float = 0.0


def fit_linear(job: Job) -> Fitted:
    """Learn the weights."""
    from sklearn.pipeline import Pipeline

    from omloop.train.catalogue import learning
    from omloop.train.catalogue.encoder import EncoderPlan, TableEncoder
    from omloop.train.sklearn import as_fitted

    config, table = job.config, learning.table_of(job)
    rows = min(len(job.train), MOST_ROWS)
    # A bend is one more weight to learn: as many rows a weight as are needed to learn it.
    places = table.matrix(job.train.examples[:1]).shape[1]
    knots = min(config.knots, rows // (20 * max(1, places)))
    encoder = TableEncoder.of(table, EncoderPlan(scaled=True, knots=knots, one_hot=50, coded=False), job.seed)
    most = int(max(2000, MOST_CELLS / (encoder.widest(places) * learning.columns_of(job))))
    lesson = learning.encoded(job, encoder, config.balance, min(most, MOST_ROWS))
    penalty = _best(job, lesson, learning.held_out(job, encoder, config.balance), config.penalties)
    return as_fitted(Pipeline([("encoder", encoder), ("linear", _solved(job, lesson, penalty))]), job)


def _best(job: Job, lesson: Lesson, held_out: Lesson, penalties: Sequence[float]) -> float:
    """The penalty with the least loss on the validation part, or on five parts of training left out in turn."""
    import numpy as np

    from omloop.train.catalogue import learning

    if len(penalties) < 2 or len(lesson.rows) < 10:
        return float(penalties[0])
    pairs = [(lesson, held_out)]
    if len(held_out.rows) < FEW and len(lesson.rows) == len(job.train):
        folds = learning.folds_of(job, 5)
        pairs = [(lesson.of(folds != fold), lesson.of(folds == fold)) for fold in range(5)]
    losses = [sum(_loss(job, _solved(job, one, penalty), other) for one, other in pairs) for penalty in penalties]
    return float(penalties[int(np.argmin(losses))])


def _solved(job: Job, lesson: Lesson, penalty: float) -> Any:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    from omloop.kinds import Classes

    if not lesson.rows.shape[1] or (isinstance(job.outputs, Classes) and len(set(lesson.targets.tolist())) < 2):
        from sklearn.dummy import DummyClassifier, DummyRegressor

        kind = DummyClassifier if isinstance(job.outputs, Classes) else DummyRegressor
        return kind().fit(lesson.rows, lesson.targets, lesson.weights)
    weight = max(1e-9, penalty * len(lesson.rows))
    if not isinstance(job.outputs, Classes):
        return Ridge(alpha=weight).fit(lesson.rows.astype(float), lesson.targets, lesson.weights)
    with warnings.catch_warnings():
        # Stopped early is a little more penalty, and the rows left out judge it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=1 / weight, max_iter=200).fit(lesson.rows, lesson.targets, lesson.weights)


def _loss(job: Job, model: Any, held_out: Lesson) -> float:
    """The summed loss on rows left out: squared error, or the negative logarithm of the true class's probability."""
    import numpy as np

    from omloop.kinds import Classes

    weights = 1.0 if held_out.weights is None else held_out.weights
    if not len(held_out.rows):
        return 0.0
    if not isinstance(job.outputs, Classes):
        return float((weights * np.square(model.predict(held_out.rows) - held_out.targets)).sum())
    shares = model.predict_proba(held_out.rows)
    place = np.searchsorted(model.classes_, held_out.targets).clip(0, len(model.classes_) - 1)
    right = np.where(model.classes_[place] == held_out.targets, shares[np.arange(len(shares)), place], 0.0)
    return float((weights * -np.log(np.maximum(right, 1e-7))).sum())
