"""Pictures reach a packaged estimator as bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from omloop.bundle import Session
from omloop.core import Fitted, Job, Output, Part
from omloop.kinds import Classes, Image, Number
from omloop.package import EXPORTERS, check_parity
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

TONE = Classes("tone", ("dark", "bright"))


def fitted(kind: Image, outputs: Output, estimator: Any, folder: Path) -> tuple[Fitted, np.ndarray[Any, Any]]:
    """An estimator of how bright 60 noisy pictures are, and the pictures."""
    random = np.random.default_rng(1)
    base = random.integers(20, 235, 60)
    noise = random.integers(-20, 20, (60, kind.height, kind.width, kind.channels))
    pictures = (base[:, None, None, None] + noise).astype(np.uint8)
    targets = (base > 127).astype(np.int64) if isinstance(outputs, Classes) else base.astype(np.float64)
    pictures = kind.encode({"image": list(pictures)})
    part = Part(pictures, targets, np.arange(60).astype(str))
    job = Job(None, kind, outputs, part, part, 0, lambda step, metrics: None, folder)
    return fit_estimator(estimator, job), pictures


@pytest.mark.parametrize("kind", [Image(width=6, height=4, channels=1), Image(width=5, height=7, channels=3)])
def test_a_packaged_classifier_takes_the_bytes_of_pictures(kind: Image, tmp_path: Path) -> None:
    """The graph takes just what the kind feeds: uint8, whatever the number of pictures."""
    model, pictures = fitted(kind, TONE, make_pipeline(PCA(4), LogisticRegression()), tmp_path)
    session = Session(EXPORTERS.load("sklearn")(model, kind, TONE, pictures), kind, TONE)
    assert check_parity(model, session, pictures, kind.edges()).verified


def test_a_packaged_regressor_takes_the_bytes_of_pictures(tmp_path: Path) -> None:
    kind, brightness = Image(width=6, height=4, channels=1), Number("brightness")
    model, pictures = fitted(kind, brightness, make_pipeline(PCA(1), LinearRegression()), tmp_path)
    session = Session(EXPORTERS.load("sklearn")(model, kind, brightness, pictures), kind, brightness)
    assert check_parity(model, session, pictures, kind.edges()).verified


def test_the_graphs_only_input_is_the_kinds_feed(tmp_path: Path) -> None:
    kind = Image(width=6, height=4, channels=1)
    model, pictures = fitted(kind, TONE, LogisticRegression(), tmp_path)
    graph = onnx.load_from_string(EXPORTERS.load("sklearn")(model, kind, TONE, pictures)).graph
    (only,) = graph.input
    assert only.name == "pixels"
    assert only.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert [axis.dim_value for axis in only.type.tensor_type.shape.dim] == [0, 4, 6, 1]
