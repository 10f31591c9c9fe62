"""What is known of an export."""

from pathlib import Path

import pytest

from omloop.bundle import Session
from omloop.package import EXPORTERS, check_parity
from omloop.testing.jobs import MOOD, TABLE, classes_job
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from omloop.package.export_report import ExportReport


def test_a_report_says_the_opset_what_was_folded_in_and_how_true_it_is(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    fitted = fit_estimator(make_pipeline(StandardScaler(), LogisticRegression()), job)
    graph = EXPORTERS.load("sklearn")(fitted, TABLE, MOOD, job.train.examples)
    parity = check_parity(fitted, Session(graph, TABLE, MOOD), job.validation.examples, TABLE.edges())
    report = ExportReport.of("sklearn", graph, parity)
    assert report.folded == ("StandardScaler",)
    assert report.opset["ai.onnx"] <= 18 and report.opset["ai.onnx.ml"] <= 3
    assert 0 < report.operators < 20
    assert report.parity is parity
