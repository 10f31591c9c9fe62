"""What is to blame when a packaged model answers otherwise, or cannot be packaged."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omloop.bundle import Session
from omloop.core import ExportError, Fitted
from omloop.package import EXPORTERS, check_parity, diagnose, require_verified
from omloop.testing.jobs import MOOD, TABLE, VALUE, classes_job, number_job
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, StandardScaler


def blamed(fitted: Fitted, outputs: Any, examples: Any) -> str:
    """What is said of a model that is exported and answers otherwise."""
    session = Session(EXPORTERS.load(fitted.family)(fitted, TABLE, outputs, examples), TABLE, outputs)
    parity = check_parity(fitted, session, examples, TABLE.edges())
    assert not parity.verified
    with pytest.raises(ExportError) as caught:
        require_verified(parity, diagnose(fitted, session, examples))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_step_that_is_converted_otherwise_is_named_with_what_to_try(tmp_path: Path) -> None:
    """Isotonic calibration is not interpolated by its converter."""
    job = classes_job(tmp_path)
    calibrated = CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=2)
    said = blamed(fit_estimator(make_pipeline(StandardScaler(), calibrated), job), MOOD, job.train.examples)
    assert "step 'calibratedclassifiercv' (CalibratedClassifierCV) is the first that differs" in said
    assert "on its own. Calibrate with method='sigmoid'" in said


def test_an_estimator_without_a_pipeline_is_named_too(tmp_path: Path) -> None:
    job = classes_job(tmp_path)
    calibrated = CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=2)
    assert "CalibratedClassifierCV itself answers otherwise" in blamed(
        fit_estimator(calibrated, job), MOOD, job.train.examples
    )


def test_a_step_that_magnifies_the_rounding_of_another_is_told_apart(tmp_path: Path) -> None:
    """Bins that end at the very values that were scaled: the last bit of scaling decides."""
    job = number_job(tmp_path)
    bins = KBinsDiscretizer(199, encode="ordinal", quantile_method="linear")
    fitted = fit_estimator(make_pipeline(StandardScaler(), bins, Ridge()), job)
    said = blamed(fitted, VALUE, job.train.examples)
    assert "step 'kbinsdiscretizer' (KBinsDiscretizer) is the first that differs" in said
    assert "magnifies the rounding of 'standardscaler' (StandardScaler) before it" in said


def test_a_step_that_cannot_be_converted_as_it_is_set_is_named(tmp_path: Path) -> None:
    """skl2onnx knows the step, but cannot look into a Python function."""
    job = number_job(tmp_path)
    fitted = fit_estimator(make_pipeline(StandardScaler(), FunctionTransformer(np.cbrt), LinearRegression()), job)
    with pytest.raises(ExportError, match=r"step 'functiontransformer' \(FunctionTransformer\) cannot be packaged"):
        EXPORTERS.load("sklearn")(fitted, TABLE, VALUE, job.train.examples)


def test_a_family_without_a_diagnosis_is_not_blamed() -> None:
    assert diagnose(Fitted("somebody's", None, lambda rows: rows), None, TABLE.edges()) == ""  # type: ignore[arg-type]
