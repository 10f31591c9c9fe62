"""XGBoost, LightGBM and CatBoost are packaged where their extra is installed; else the extra is named."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from omloop.bundle import Session
from omloop.core import MissingExtraError, Part
from omloop.package import EXPORTERS, check_parity
from omloop.package.boosting.boosting import LIBRARIES, register_boosting
from omloop.testing.jobs import MOOD, TABLE, VALUE, classes_job, number_job
from omloop.train import fit_estimator

ESTIMATORS = [
    ("xgboost", "XGBRegressor", {"n_estimators": 20}),
    ("xgboost", "XGBClassifier", {"n_estimators": 20}),
    ("lightgbm", "LGBMRegressor", {"n_estimators": 20, "verbose": -1}),
    ("lightgbm", "LGBMClassifier", {"n_estimators": 20, "verbose": -1}),
    ("catboost", "CatBoostRegressor", {"iterations": 20, "verbose": 0, "allow_writing_files": False}),
    ("catboost", "CatBoostClassifier", {"iterations": 20, "verbose": 0, "allow_writing_files": False}),
]


@pytest.mark.parametrize(("library", "name", "settings"), ESTIMATORS)
def test_a_boosted_model_is_answered_alike(library: str, name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    module = pytest.importorskip(library, reason=f"needs omloop[{library}]")
    job = classes_job(tmp_path) if "Classifier" in name else number_job(tmp_path)
    outputs: Any = MOOD if "Classifier" in name else VALUE
    job.train.examples[::7, 0] = np.nan
    fitted = fit_estimator(getattr(module, name)(**settings), job)
    session = Session(EXPORTERS.load("sklearn")(fitted, TABLE, outputs, job.train.examples), TABLE, outputs)
    rows = job.validation.examples.copy()
    rows[::5, 0] = np.nan
    assert check_parity(fitted, session, rows, TABLE.edges()).verified


HISTOGRAMS = [
    ("sklearn.ensemble", "HistGradientBoostingRegressor", {"min_samples_leaf": 1}),
    ("sklearn.ensemble", "HistGradientBoostingClassifier", {"min_samples_leaf": 1}),
]


@pytest.mark.parametrize(("library", "name", "settings"), [*ESTIMATORS, *HISTOGRAMS])
def test_values_that_are_neighbours_in_float32_fall_on_their_own_sides(
    library: str, name: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    """A threshold lies between them in float64, and rounded to the nearest on the wrong one of two."""
    module = pytest.importorskip(library, reason=f"needs omloop[{library}]")
    classes = "Classifier" in name
    job, outputs = (classes_job(tmp_path), MOOD) if classes else (number_job(tmp_path), VALUE)
    low = job.train.examples[:100].copy()
    low[:, 0] = np.linspace(1, 2, 100, dtype=np.float32)
    high = low.copy()
    high[:, 0] = np.nextafter(low[:, 0], np.float32(np.inf))
    rows, targets = np.concatenate([low, high]), np.repeat([0, 1], 100).astype(np.int64 if classes else np.float64)
    job = replace(job, train=Part(rows, targets, np.arange(200).astype(str)))
    close = {"min_child_samples": 1, "min_data_in_bin": 1} if library == "lightgbm" else {}
    fitted = fit_estimator(getattr(module, name)(**settings, **close), job)
    session = Session(EXPORTERS.load("sklearn")(fitted, TABLE, outputs, rows), TABLE, outputs)
    assert session.predict(rows) == pytest.approx(fitted.predict(rows), abs=1e-5)


@pytest.mark.parametrize("library", LIBRARIES)
def test_without_its_extra_the_extra_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"omloop.package.boosting.{library}", raising=False)
    model = type("Booster", (LinearRegression,), {"__module__": f"{library}.sklearn"})()
    with pytest.raises(MissingExtraError, match=rf"\[{library}\]"):
        register_boosting(model)
