"""Boosting by LightGBM, XGBoost and CatBoost, each an extra, on the same encoded columns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import Fitted, Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from omloop.train.catalogue.learning import Lesson
    from omloop.train.catalogue.trees import Growth

    Learn = Callable[[Job, Growth, Lesson, Lesson], Any]


@dataclass
class LightGbm:
    """LightGBM's trees (Ke et al. 2017), stopped early on the validation part.

    `leaves` of a tree, at most `rounds` trees at the rate `lr`; a leaf has `least_rows`, and `penalty` draws it to 0.
    Each tree chooses from the `share` of the columns; training ends after `patience` rounds that are no better.
    `balance` weighs rare classes up, from 0 to 1.
    """

    name: str = "lightgbm"
    leaves: int = 31
    rounds: int = 1000
    lr: float = 0.05
    least_rows: int = 20
    penalty: float = 1.0
    share: float = 0.8
    patience: int = 50
    balance: float = 0.0


@dataclass
class XgBoost(LightGbm):
    """XGBoost's trees (Chen and Guestrin 2016), stopped early on the validation part; options as of `lightgbm`."""

    name: str = "xgboost"


@dataclass
class CatBoost(LightGbm):
    """CatBoost's trees (Prokhorenkova et al. 2018), each as deep as `leaves` need; options as of `lightgbm`."""

    name: str = "catboost"
    leaves: int = 64


def fit_lightgbm(job: Job) -> Fitted:
    """Learn LightGBM's trees."""
    import lightgbm

    def learn(job: Job, growth: Growth, train: Lesson, held_out: Lesson) -> Any:
        trees = (lightgbm.LGBMClassifier if _classes(job) else lightgbm.LGBMRegressor)(
            num_leaves=max(2, growth.leaves),
            n_estimators=growth.rounds,
            learning_rate=growth.lr,
            min_child_samples=growth.least_rows,
            reg_lambda=growth.penalty,
            colsample_bytree=growth.share,
            random_state=job.seed,
            n_jobs=1 if len(train.rows) < 10_000 else -1,
            deterministic=True,
            force_row_wise=True,
            verbose=-1,
        )
        stops = {
            "eval_set": [(held_out.rows, held_out.targets)],
            "eval_sample_weight": [held_out.weights],
            "callbacks": [lightgbm.early_stopping(growth.patience, verbose=False)],
        }
        with warnings.catch_warnings():  # newer versions would have its rows by other names
            warnings.filterwarnings("ignore", message=".*eval_set", module="lightgbm")
            trees.fit(train.rows, train.targets, train.weights, **(stops if len(held_out.rows) else {}))
        return trees

    return _fitted(job, learn)


def fit_xgboost(job: Job) -> Fitted:
    """Learn XGBoost's trees."""
    import xgboost

    def learn(job: Job, growth: Growth, train: Lesson, held_out: Lesson) -> Any:
        trees = (xgboost.XGBClassifier if _classes(job) else xgboost.XGBRegressor)(
            max_leaves=max(2, growth.leaves),
            max_depth=0,
            grow_policy="lossguide",
            tree_method="hist",
            n_estimators=growth.rounds,
            learning_rate=growth.lr,
            reg_lambda=growth.penalty,
            colsample_bytree=growth.share,
            early_stopping_rounds=growth.patience if len(held_out.rows) else None,
            random_state=job.seed,
        )
        train = _every_class(job, train)
        stops = {
            "eval_set": [(held_out.rows, held_out.targets)],
            "sample_weight_eval_set": None if held_out.weights is None else [held_out.weights],
            "verbose": False,
        }
        trees.fit(train.rows, train.targets, sample_weight=train.weights, **(stops if len(held_out.rows) else {}))
        return trees

    return _fitted(job, learn)


def fit_catboost(job: Job) -> Fitted:
    """Learn CatBoost's trees."""
    import catboost

    def learn(job: Job, growth: Growth, train: Lesson, held_out: Lesson) -> Any:
        trees = (catboost.CatBoostClassifier if _classes(job) else catboost.CatBoostRegressor)(
            depth=min(10, max(1, growth.leaves.bit_length() - 1)),
            iterations=growth.rounds,
            learning_rate=growth.lr,
            l2_leaf_reg=growth.penalty,
            rsm=growth.share,
            random_seed=job.seed,
            allow_writing_files=False,
            verbose=0,
        )
        stops = {
            "eval_set": catboost.Pool(held_out.rows, held_out.targets, weight=held_out.weights),
            "early_stopping_rounds": growth.patience,
        }
        trees.fit(train.rows, train.targets, sample_weight=train.weights, **(stops if len(held_out.rows) else {}))
        return trees

    return _fitted(job, learn)


def _fitted(job: Job, learn: Learn) -> Fitted:
    from sklearn.pipeline import Pipeline

    from omloop.train.catalogue import learning, trees
    from omloop.train.catalogue.encoder import TableEncoder
    from omloop.train.catalogue.encoder_plan import EncoderPlan
    from omloop.train.sklearn import as_fitted

    config = job.config
    encoder = TableEncoder.of(learning.table_of(job), EncoderPlan(), job.seed)
    lesson = learning.encoded(job, encoder, config.balance)
    held_out = learning.held_out(job, encoder, config.balance)
    rows, outputs = len(lesson.rows), learning.columns_of(job)
    growth = trees.growth_of(config, leaves=config.leaves, rows=rows, outputs=outputs)
    model = learn(job, growth, lesson, held_out)
    return as_fitted(Pipeline([("encoder", encoder), ("trees", model)]), job)


def _every_class(job: Job, lesson: Lesson) -> Lesson:
    """The lesson with a row of no weight for each class that training never saw: XGBoost takes no gaps."""
    import numpy as np

    from omloop.kinds import Classes
    from omloop.train.catalogue.learning import Lesson

    absent = np.setdiff1d(
        np.arange(len(job.outputs.classes)) if isinstance(job.outputs, Classes) else [], lesson.targets
    )
    if not len(absent):
        return lesson
    weights = np.ones(len(lesson.rows)) if lesson.weights is None else lesson.weights
    return Lesson(
        np.concatenate([lesson.rows, lesson.rows[:1].repeat(len(absent), axis=0)]),
        np.concatenate([lesson.targets, absent.astype(np.int64)]),
        np.concatenate([weights, np.zeros(len(absent))]),
    )


def _classes(job: Job) -> bool:
    from omloop.kinds import Classes

    return isinstance(job.outputs, Classes)
