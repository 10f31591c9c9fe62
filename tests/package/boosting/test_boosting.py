"""XGBoost, LightGBM and CatBoost are packaged where their extra is installed; else the extra is named."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from omloop.bundle import Session
from omloop.core import MissingExtraError
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


@pytest.mark.parametrize("library", LIBRARIES)
def test_without_its_extra_the_extra_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, f"omloop.package.boosting.{library}", raising=False)
    model = type("Booster", (LinearRegression,), {"__module__": f"{library}.sklearn"})()
    with pytest.raises(MissingExtraError, match=rf"\[{library}\]"):
        register_boosting(model)
