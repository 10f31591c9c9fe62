"""Boosting on a table: what most people should take first."""

from __future__ import annotations

from dataclasses import dataclass

from omloop.core import Fitted, Job

LEAVES = ((500, 8), (2000, 16), (10_000, 24))
"""Up to how many training rows how many leaves did best, on some forty public tables."""
STOPPING = 10
"""Without a validation part, one of this many training rows decides when to stop."""


@dataclass
class Boosting:
    """Gradient boosting with small trees and early stopping; with few rows the mean of `bags` such models.

    Each of the `bags` stops on other rows. A tree has `leaves` leaves (0: by the number of rows); there are at most
    `rounds` trees at the learning rate `lr`. A leaf has at least `least_rows` rows, and `penalty` shrinks it towards 0.
    Each split chooses from the `share` of the columns. Training ends after `patience` rounds without improvement.
    `balance` weighs rare classes up, from 0 to 1; at 1 all classes count alike.
    """

    name: str = "boosting"
    leaves: int = 0
    rounds: int = 600
    lr: float = 0.06
    least_rows: int = 20
    penalty: float = 1.0
    share: float = 0.5
    patience: int = 30
    bags: int = 5
    balance: float = 0.0


def leaves_for(rows: int) -> int:
    """Leaves of a tree for that many training rows: few rows tell few cases apart."""
    return next((leaves for most, leaves in LEAVES if rows < most), 31)


def fit_boosting(job: Job) -> Fitted:
    """Learn the trees."""
    import numpy as np
    from sklearn.pipeline import Pipeline

    from omloop.train.catalogue import learning, trees
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan
    from omloop.train.sklearn import as_fitted

    config = job.config
    encoder = TableEncoder.of(learning.table_of(job), EncoderPlan(), job.seed)
    lesson = learning.encoded(job, encoder, config.balance, dtype=np.float64)  # as scikit-learn's trees take them
    count = len(lesson.rows)
    bags = config.bags if count <= trees.FEW else 1
    leaves, outputs = config.leaves or leaves_for(count), learning.columns_of(job)
    growth = trees.growth_of(config, leaves=leaves, rows=count, outputs=outputs, models=bags)
    with trees.cores_for(count):
        if bags > 1:
            folds = learning.folds_of(job, bags)
            models = [
                trees.grown(job, growth, lesson.of(folds != bag), lesson.of(folds == bag), job.seed + bag)
                for bag in range(bags)
            ]
            model = trees.averaged(models)
        else:
            held_out, learned = learning.held_out(job, encoder, config.balance), np.ones(count, bool)
            if not len(job.validation):  # as where the validation part is learned from too
                learned = learning.folds_of(job, STOPPING) != 0
                held_out = lesson.of(~learned)
            model = trees.grown(job, growth, lesson.of(learned), held_out, job.seed)
    return as_fitted(Pipeline([("encoder", encoder), ("boosting", model)]), job)
