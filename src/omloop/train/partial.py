"""Estimators that learn a batch at a time: passes over the data, each scored, until no pass is better."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from omloop.core import Fitted, Job, TrainError
from omloop.kinds import Classes
from omloop.train.refusals import by_place
from omloop.train.sklearn import fitted_estimator, scores_of
from omloop.train.weights import weights_of

__all__ = ["fit_partly"]


def fit_partly(
    estimator: Any, job: Job, *, epochs: int = 50, batch_size: int = 256, patience: int = 5, balance: float = 0.0
) -> Fitted:
    """Fit a scikit-learn estimator by its `partial_fit`, such as an SGDClassifier or an MLPRegressor.

    Each of up to `epochs` passes takes the training part in another order, `batch_size` rows at a time. After each pass
    it logs accuracy (classes) or the root mean squared error of both parts. It ends if the log says so, or after
    `patience` passes without a better validation score. The result is the best pass; the given estimator stays
    unchanged. Raises TrainError for an estimator without `partial_fit`, or one that cannot learn from the rows.
    """
    if not hasattr(estimator, "partial_fit"):
        raise TrainError(f"{type(estimator).__name__} has no partial_fit. Give one that has, or use fit_estimator.")
    by_place(estimator, job.inputs.fields)
    matrix, targets = job.inputs.matrix(job.train.examples), job.train.targets
    weights, random = weights_of(job, job.train, balance), np.random.default_rng(job.seed)
    known = {"classes": np.unique(targets)} if isinstance(job.outputs, Classes) else {}
    learning, best, best_score, worse = copy.deepcopy(estimator), estimator, -np.inf, 0
    for epoch in range(epochs):
        order = random.permutation(len(targets))
        for begin in range(0, len(order), batch_size):
            rows = order[begin : begin + batch_size]
            counted = {} if weights is None else {"sample_weight": weights[rows]}
            _learn(learning, matrix[rows], targets[rows], {**known, **counted})
            known = {}
        scores = scores_of(fitted_estimator(learning, job), job)
        score = _better_is_more(scores, classes=isinstance(job.outputs, Classes))
        best, best_score, worse = (
            (copy.deepcopy(learning), score, 0) if score > best_score else (best, best_score, worse + 1)
        )
        if job.log(epoch, scores) is False or worse >= patience:
            break
    return fitted_estimator(best, job)


def _learn(estimator: Any, rows: Any, targets: Any, more: dict[str, Any]) -> None:
    try:
        estimator.partial_fit(rows, targets, **more)
    except (ValueError, TypeError) as error:
        name, reason = type(estimator).__name__, str(error).strip().partition("\n")[0].rstrip(".")
        raise TrainError(f"{name} cannot learn from these rows: {reason}. Scale or impute them before.") from error


def _better_is_more(scores: Mapping[str, float], *, classes: bool) -> float:
    """The score of the validation part, or else of the training part; more is better."""
    name = "accuracy" if classes else "rmse"
    score = scores.get(f"validation_{name}", scores[f"train_{name}"])
    return score if classes else -score
