"""A forest of random trees on a table (Geurts, Ernst and Wehenkel 2006)."""

from __future__ import annotations

from dataclasses import dataclass

from omloop.core import Fitted, Job

MOST_ROWS = 100_000
MOST_LEAVES = 150_000
"""Leaves of a forest times classes: some 20 MB as a graph."""


@dataclass
class Forest:
    """The mean of `trees`, each split at random thresholds; a leaf has `least_rows`.

    Each split chooses from the `share` of the columns. `balance` weighs rare classes up, from 0 to 1. The trees are
    smaller where all together would be too large to serve.
    """

    name: str = "forest"
    trees: int = 200
    least_rows: int = 2
    share: float = 0.5
    balance: float = 0.0


def fit_forest(job: Job) -> Fitted:
    """Learn the trees."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
    from sklearn.pipeline import Pipeline

    from omloop.kinds import Classes
    from omloop.train.catalogue import learning
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan
    from omloop.train.sklearn import as_fitted

    config = job.config
    encoder = TableEncoder.of(learning.table_of(job), EncoderPlan(filled=True), job.seed)
    lesson = learning.encoded(job, encoder, config.balance, MOST_ROWS)
    most = MOST_LEAVES // learning.columns_of(job)
    trees = max(1, min(config.trees, most // 32))
    forest = (ExtraTreesClassifier if isinstance(job.outputs, Classes) else ExtraTreesRegressor)(
        trees,
        min_samples_leaf=config.least_rows,
        max_leaf_nodes=max(8, most // trees) if most // trees < len(lesson.rows) // config.least_rows else None,
        max_features=config.share,
        random_state=job.seed,
        n_jobs=None if len(lesson.rows) < 2000 else -1,
    )
    forest.fit(lesson.rows, lesson.targets, lesson.weights)
    forest.n_jobs = None
    return as_fitted(Pipeline([("encoder", encoder), ("forest", forest)]), job)
