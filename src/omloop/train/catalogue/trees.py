"""Histogram gradient boosting (Ke et al., LightGBM, 2017; scikit-learn's form of it), stopped early and averaged."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from omloop.core import Job
from omloop.kinds import Classes
from omloop.train.catalogue.learning import Lesson

MOST_LEAVES = 400_000
"""All leaves of a model: some 40 MB as a graph."""
MOST_WORK = 3e8
"""Rows times trees, a tree counting as `TREE_ROWS` more: some minutes on two cores."""
TREE_ROWS = 20_000
ENOUGH = 20.0
"""Rate times rounds with which most tables are learned."""
FEW = 10_000
"""Training rows up to which several models are averaged."""


@dataclass(frozen=True)
class Growth:
    """How trees are grown: their `leaves`, at most so many `rounds` at the rate `lr`, `least_rows` a leaf.

    `penalty` is that of squared leaf values, `share` the share of columns that each split chooses from, `patience` how
    many rounds without a better loss end the training.
    """

    leaves: int
    rounds: int
    lr: float
    least_rows: int
    penalty: float
    share: float
    patience: int


def growth_of(config: Any, *, leaves: int, rows: int, outputs: int, models: int = 1) -> Growth:
    """The growth that a model's configuration asks for, with no more rows a leaf than few rows bear, and `bounded`."""
    growth = Growth(
        leaves=leaves,
        rounds=config.rounds,
        lr=config.lr,
        least_rows=max(1, min(config.least_rows, rows // 40)),
        penalty=config.penalty,
        share=config.share,
        patience=config.patience,
    )
    return bounded(growth, rows=rows, outputs=outputs, models=models)


def grown(
    job: Job,
    growth: Growth,
    train: Lesson,
    held_out: Lesson,
    seed: int,
) -> Any:
    """One model, cut back to the round with the least loss on what is held out, where anything is."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingClassifier if isinstance(job.outputs, Classes) else HistGradientBoostingRegressor
    stops = len(held_out.rows) > 0
    trees = kind(
        max_leaf_nodes=max(2, growth.leaves),
        max_iter=growth.rounds,
        learning_rate=growth.lr,
        min_samples_leaf=growth.least_rows,
        l2_regularization=growth.penalty,
        max_features=growth.share,
        early_stopping=stops,
        n_iter_no_change=growth.patience,
        tol=0.0,
        random_state=seed,
    )
    if not stops:
        return trees.fit(train.rows, train.targets, train.weights)
    trees.fit(
        train.rows,
        train.targets,
        train.weights,
        X_val=held_out.rows,
        y_val=held_out.targets,
        sample_weight_val=held_out.weights,
    )
    # Early stopping leaves the rounds that were no better in place.
    best = max(1, int(np.argmax(trees.validation_score_)))  # place 0 is the score before the first round
    trees._predictors = trees._predictors[:best]
    return trees


def averaged(models: Sequence[Any]) -> Any:
    """One model whose raw answers are the mean of all theirs: the trees of all, each counting for so much less."""
    first, *_ = models
    for model in models:
        for trees in model._predictors:
            for tree in trees:
                tree.nodes["value"] /= len(models)
    first._baseline_prediction = np.mean([model._baseline_prediction for model in models], axis=0)
    first._predictors = [trees for model in models for trees in model._predictors]
    return first


def bounded(growth: Growth, *, rows: int, outputs: int, models: int) -> Growth:
    """The growth with fewer rounds, and a higher rate for them, where the graph or the work would be too large.

    A round grows `outputs` trees on `rows` rows in each of `models` models.
    """
    trees = min(MOST_LEAVES / growth.leaves, MOST_WORK / (rows + TREE_ROWS))
    rounds = max(8, min(growth.rounds, math.floor(trees / (outputs * models))))
    # What fewer rounds go less far, each goes further, up to a rate that is still stable.
    lr = min(max(growth.lr, 0.3), growth.lr * max(1.0, ENOUGH / (growth.lr * rounds)))
    return replace(growth, rounds=rounds, lr=lr)


@contextmanager
def cores_for(rows: int) -> Iterator[None]:
    """Within it few rows keep one core busy: more only wait for each other."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if rows < FEW else None):
        yield
