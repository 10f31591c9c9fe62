"""A linear model of a table: what the others must be worth more than."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.core import Fitted, Job, TrainError

if TYPE_CHECKING:
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.learning import Lesson

MOST_ROWS = 200_000
MOST_CELLS = 4e7
"""The most rows times encoded columns times classes to learn from: a minute of work, half a gigabyte."""
FEW = 500
"""From this many validation rows on, they choose the penalty; with fewer, parts of training do."""


@dataclass
class Linear:
    """Ridge or logistic regression: one weight for each number and each word, with a penalty on all.

    It clips numbers at extremes and standardises them. A number's line may bend at `knots` quantiles, if that is better
    on held-out rows. The held-out rows also choose the best of the `penalties`, each relative to the number of rows. An
    `alpha` above 0 is the only penalty, and not relative. `balance` weighs rare classes up, from 0 to 1.
    """

    name: str = "linear"
    penalties: list[float] = field(default_factory=lambda: [1e-1, 1e-2, 1e-3, 1e-4])
    alpha: float = 0.0
    knots: int = 4
    balance: float = 0.0


def fit_linear(job: Job) -> Fitted:
    """Learn the weights, with straight and with bent lines, and keep the better ones on held-out rows."""
    from sklearn.pipeline import Pipeline

    from omloop.train.catalogue import learning
    from omloop.train.sklearn import as_fitted

    config, table = job.config, learning.table_of(job)
    if not config.penalties and not config.alpha:
        raise TrainError("A linear model needs a penalty to try. Give one: model.penalties=[0.01]")
    places = table.matrix(job.train.examples[:1]).shape[1]
    # A bend is one more weight to learn: as many rows a weight as are needed to learn it.
    bends = min(config.knots, min(len(job.train), MOST_ROWS) // (20 * max(1, places)))
    best = min((_attempt(job, knots, places) for knots in sorted({0, bends})), key=lambda attempt: attempt.loss)
    return as_fitted(Pipeline([("encoder", best.encoder), ("linear", best.model)]), job)


@dataclass(frozen=True)
class _Attempt:
    """A model with its encoder, and its loss on rows left out."""

    loss: float
    encoder: TableEncoder
    model: Any


def _attempt(job: Job, knots: int, places: int) -> _Attempt:
    from omloop.train.catalogue import learning
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan

    config, plan = job.config, EncoderPlan(scaled=True, knots=knots, one_hot=50, coded=False)
    encoder = TableEncoder.of(learning.table_of(job), plan, job.seed)
    most = int(max(2000, MOST_CELLS / (encoder.widest(places) * learning.columns_of(job))))
    lesson = learning.encoded(job, encoder, config.balance, min(most, MOST_ROWS))
    penalties = [config.alpha / max(1, len(lesson.rows))] if config.alpha else config.penalties
    penalty, loss = _best(job, lesson, learning.held_out(job, encoder, config.balance), penalties)
    return _Attempt(loss, encoder, _solved(job, lesson, penalty))


def _best(job: Job, lesson: Lesson, held_out: Lesson, penalties: Sequence[float]) -> tuple[float, float]:
    """The penalty with the least loss on the validation part, or on five parts of training left out in turn."""
    import numpy as np

    from omloop.train.catalogue import learning

    pairs = [(lesson, held_out)]
    if len(held_out.rows) < FEW and 10 <= len(lesson.rows) == len(job.train):
        folds = learning.folds_of(job, 5)
        pairs = [(lesson.of(folds != fold), lesson.of(folds == fold)) for fold in range(5)]
    losses = [sum(_loss(job, _solved(job, one, penalty), other) for one, other in pairs) for penalty in penalties]
    place = int(np.argmin(losses))
    return float(penalties[place]), losses[place]


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
