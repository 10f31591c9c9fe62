"""Training scikit-learn estimators."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omloop.core import TrainError
from omloop.kinds import Classes
from omloop.testing.jobs import StepLog, classes_job, number_job, rows_of, truth
from omloop.train import fit_estimator

pytest.importorskip("sklearn")
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def test_a_number_is_answered_as_one_float64_a_row(tmp_path: Path) -> None:
    fitted = fit_estimator(HistGradientBoostingRegressor(max_iter=20), number_job(tmp_path))
    answers = fitted.predict(rows_of(7, 3))
    assert (fitted.family, answers.shape, answers.dtype) == ("sklearn", (7,), np.float64)


def test_weights_are_handed_on_also_through_a_pipeline(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    counted = np.arange(len(job.train)) % 2 == 0
    part = replace(job.train, targets=np.where(counted, job.train.targets, 0.0), weights=counted.astype(float))
    for estimator in (LinearRegression(), make_pipeline(StandardScaler(), LinearRegression())):
        answers = fit_estimator(estimator, replace(job, train=part)).predict(rows_of(50, 3))
        assert np.abs(answers - truth(rows_of(50, 3))).max() < 5


def test_an_estimator_that_takes_no_weights_is_refused_with_a_way_out(tmp_path: Path) -> None:
    job = number_job(tmp_path)
    part = replace(job.train, weights=np.ones(len(job.train)))
    with pytest.raises(TrainError, match="KNeighborsRegressor takes no weights.*leave the project's `weight` out"):
        fit_estimator(KNeighborsRegressor(), replace(job, train=part))


def test_many_rows_are_answered_in_blocks_and_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = fit_estimator(LogisticRegression(), classes_job(tmp_path))
    whole = fitted.predict(rows_of(100, 3))
    monkeypatch.setattr("omloop.train.sklearn.AT_ONCE", 33)
    np.testing.assert_array_equal(fitted.predict(rows_of(100, 3)), whole)


def test_targets_in_a_column_are_answered_flat_too(tmp_path: Path) -> None:
    """Some estimators answer (n, 1) where others answer (n,)."""
    job = number_job(tmp_path)
    column = LinearRegression().fit(job.train.examples, job.train.targets[:, None])
    column.fit = lambda rows, targets: column
    assert fit_estimator(column, job).predict(rows_of(7, 3)).shape == (7,)


def test_classes_are_answered_as_probabilities(tmp_path: Path) -> None:
    answers = fit_estimator(make_pipeline(StandardScaler(), LogisticRegression()), classes_job(tmp_path)).predict(
        rows_of(9, 3)
    )
    assert answers.shape == (9, 3)
    np.testing.assert_allclose(answers.sum(axis=1), 1)


def test_a_class_that_training_never_saw_keeps_its_column(tmp_path: Path) -> None:
    """Columns follow the project's classes, not those that happened to occur."""
    unseen = Classes("mood", ("sad", "calm", "happy", "unseen"))
    answers = fit_estimator(LogisticRegression(), classes_job(tmp_path, classes=unseen)).predict(rows_of(9, 3))
    assert answers.shape == (9, 4)
    assert (answers[:, 3] == 0).all()


def test_one_step_is_logged_with_the_scores_of_both_parts(tmp_path: Path) -> None:
    log = StepLog()
    fit_estimator(LinearRegression(), number_job(tmp_path, log))
    ((step, metrics),) = log.steps
    assert (step, sorted(metrics)) == (0, ["train_rmse", "validation_rmse"])
    assert 0 < metrics["train_rmse"] < truth(rows_of(200, 1)).std()


def test_accuracy_is_logged_for_classes(tmp_path: Path) -> None:
    log = StepLog()
    fit_estimator(LogisticRegression(max_iter=500), classes_job(tmp_path, log))
    assert log.steps[0][1]["validation_accuracy"] > 0.5


def test_the_estimator_sees_float32(tmp_path: Path) -> None:
    """The packaged graph compares in float32, so thresholds must be learned there."""
    seen = []

    class Looking(LinearRegression):  # type: ignore[misc]
        def fit(self, rows: object, targets: object) -> object:
            seen.append(rows.dtype)  # type: ignore[attr-defined]
            return super().fit(rows, targets)

    fit_estimator(Looking(), number_job(tmp_path))
    assert seen == [np.float32]


def test_an_estimator_without_probabilities_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match=r"RidgeClassifier cannot give probabilities.*predict_proba"):
        fit_estimator(RidgeClassifier(), classes_job(tmp_path))


def test_what_scikit_learn_refuses_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="HistGradientBoostingRegressor cannot be fitted: .*max_leaf_nodes") as caught:
        fit_estimator(HistGradientBoostingRegressor(max_leaf_nodes=1), number_job(tmp_path))
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_importing_the_room_imports_no_library_that_trains() -> None:
    code = "import sys, omloop.train; print({'sklearn', 'torch', 'lightning', 'scipy'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
