"""Feature selection as ONNX."""

from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Session
from omloop.package import EXPORTERS, check_parity
from omloop.testing.jobs import TABLE, VALUE, number_job
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.feature_selection import RFE, SelectKBest, SequentialFeatureSelector, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline


@pytest.mark.parametrize(
    "selector",
    [
        RFE(
            LinearRegression(), n_features_to_select=1
        ),  # keeps the first column alone, which skl2onnx turns into zeros
        SelectKBest(f_regression, k=2),
        SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=2),
    ],
)
def test_the_columns_that_are_kept_are_the_packaged_ones(tmp_path: Path, selector: Any) -> None:
    job = number_job(tmp_path)
    fitted = fit_estimator(make_pipeline(selector, LinearRegression()), job)
    session = Session(EXPORTERS.load("sklearn")(fitted, TABLE, VALUE, job.train.examples), TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified
