"""Estimators that learn a batch at a time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, SGDClassifier, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from omloop.core import TrainError
from omloop.testing.jobs import StepLog, classes_job, number_job
from omloop.train import fit_partly


def test_each_pass_is_scored_and_the_best_one_answers(tmp_path: Path) -> None:
    log = StepLog()
    job = number_job(tmp_path, log)
    fitted = fit_partly(SGDRegressor(random_state=0, eta0=0.002), job, epochs=9)
    errors = [metrics["validation_rmse"] for _, metrics in log.steps]
    answers = fitted.predict(job.validation.examples)
    assert [step for step, _ in log.steps] == list(range(len(errors))) and errors[-1] < errors[0]
    assert np.sqrt(np.square(answers - job.validation.targets).mean()) == pytest.approx(min(errors))


def test_it_ends_where_the_log_says_so(tmp_path: Path) -> None:
    steps: list[int] = []

    def log(step: int, metrics: Any) -> bool:
        steps.append(step)
        return step < 2

    given = SGDClassifier(loss="log_loss", random_state=0)
    fitted = fit_partly(given, replace(classes_job(tmp_path), log=log), epochs=9)
    assert steps == [0, 1, 2] and not hasattr(given, "coef_")
    assert fitted.predict(classes_job(tmp_path).validation.examples).shape == (60, 3)


def test_what_cannot_learn_by_batches_is_refused(tmp_path: Path) -> None:
    for estimator in (LogisticRegression(), make_pipeline(StandardScaler(), SGDRegressor())):
        with pytest.raises(TrainError, match="has no partial_fit"):
            fit_partly(estimator, classes_job(tmp_path))
