"""From scikit-learn to ONNX."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import ExportError, Fitted
from omloop.kinds import Classes
from omloop.package import EXPORTERS, check_parity
from omloop.testing.exporter import Export, ExporterContract
from omloop.testing.jobs import TABLE, VALUE, classes_job, number_job
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier, VotingClassifier
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler


def export(fitted: Fitted, outputs: Any) -> bytes:
    graph: bytes = EXPORTERS.load("sklearn")(fitted, TABLE, outputs, TABLE.edges())
    return graph


def columns() -> Any:
    codes = OneHotEncoder(categories=[[0.0, 1.0, 2.0]], sparse_output=False)
    return make_column_transformer((StandardScaler(), [0, 1]), (codes, [2]))


class TestSklearnExporter(ExporterContract):
    @pytest.fixture
    def export(self) -> Export:
        exporter: Export = EXPORTERS.load("sklearn")
        return exporter

    @pytest.fixture
    def number(self, tmp_path: Path) -> Fitted:
        return fit_estimator(make_pipeline(columns(), LinearRegression()), number_job(tmp_path))

    @pytest.fixture
    def classes(self, tmp_path: Path) -> Fitted:
        return fit_estimator(make_pipeline(columns(), LogisticRegression()), classes_job(tmp_path))


@pytest.mark.parametrize("estimator", [DummyRegressor(), HistGradientBoostingRegressor(max_iter=10)])
def test_regressors_answer_alike_once_packaged(tmp_path: Path, estimator: Any) -> None:
    job = number_job(tmp_path)
    fitted = fit_estimator(estimator, job)
    session = Session(export(fitted, VALUE), TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified


def test_a_class_that_training_never_saw_keeps_its_column(tmp_path: Path) -> None:
    unseen = Classes("mood", ("sad", "calm", "happy", "unseen"))
    job = classes_job(tmp_path, classes=unseen)
    fitted = fit_estimator(RandomForestClassifier(5, random_state=0), job)
    session = Session(export(fitted, unseen), TABLE, unseen)
    assert session.predict(job.validation.examples).shape == (60, 4)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified


class Doubling(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A step of somebody's own."""

    def fit(self, rows: Any, targets: Any = None) -> "Doubling":
        return self

    def transform(self, rows: Any) -> Any:
        return np.asarray(rows) * 2


@pytest.mark.parametrize("nested", [False, True])
def test_a_step_that_onnx_cannot_express_is_named(tmp_path: Path, nested: bool) -> None:
    """Wherever it hides, and in one line."""
    step = make_column_transformer((Doubling(), [0, 1])) if nested else Doubling()
    fitted = fit_estimator(make_pipeline(StandardScaler(), step, LinearRegression()), number_job(tmp_path))
    with pytest.raises(ExportError, match=r"step 'doubling' \(Doubling\) cannot be packaged.*StandardScaler") as caught:
        export(fitted, VALUE)
    assert "\n" not in str(caught.value)


def test_a_function_inside_a_pipeline_is_an_export_error(tmp_path: Path) -> None:
    """skl2onnx knows the step, but cannot look into a Python function."""
    fitted = fit_estimator(make_pipeline(FunctionTransformer(np.cbrt), LinearRegression()), number_job(tmp_path))
    with pytest.raises(ExportError, match="cannot be packaged as ONNX"):
        export(fitted, VALUE)


@pytest.mark.parametrize("strategy", ["prior", "most_frequent"])
def test_the_shares_of_classes_are_packaged_as_a_baseline(tmp_path: Path, strategy: str) -> None:
    job = classes_job(tmp_path)
    fitted = fit_estimator(DummyClassifier(strategy=strategy), job)
    session = Session(export(fitted, job.outputs), TABLE, job.outputs)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified


def test_a_baseline_that_answers_at_random_is_not_packaged(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    with pytest.raises(ExportError, match="'stratified' answers at random; use 'prior'"):
        export(fit_estimator(DummyClassifier(strategy="stratified"), job), job.outputs)


def test_a_vote_is_packaged_and_left_as_it_was(tmp_path: Path) -> None:
    """skl2onnx asks for a setting of what is never asked of it."""
    job = classes_job(tmp_path)
    vote = VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))], voting="soft")
    fitted = fit_estimator(vote, job)
    session = Session(export(fitted, job.outputs), TABLE, job.outputs)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified
    assert vote.flatten_transform


def test_a_gaussian_process_is_computed_in_float64(tmp_path: Path) -> None:
    """In float32 it is off by a thousandth."""
    job = number_job(tmp_path)
    fitted = fit_estimator(make_pipeline(StandardScaler(), GaussianProcessRegressor(alpha=0.1)), job)
    session = Session(export(fitted, VALUE), TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified


def test_partial_least_squares_are_packaged(tmp_path: Path) -> None:
    """skl2onnx declares an answer of the wrong width."""
    job = number_job(tmp_path)
    fitted = fit_estimator(PLSRegression(), job)
    session = Session(export(fitted, VALUE), TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified
