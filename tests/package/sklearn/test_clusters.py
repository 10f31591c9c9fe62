"""KMeans as a step of a packaged pipeline."""

from pathlib import Path
from typing import Any

import pytest

from omloop.bundle import Session
from omloop.package import EXPORTERS, check_parity
from omloop.testing.jobs import TABLE, VALUE, number_job
from omloop.train import fit_estimator

pytest.importorskip("skl2onnx")
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline


@pytest.mark.parametrize(
    "clusters", [KMeans(4, n_init=1, random_state=0), MiniBatchKMeans(3, n_init=1, random_state=0)]
)
def test_distances_to_centres_are_features_of_what_follows(tmp_path: Path, clusters: Any) -> None:
    job = number_job(tmp_path)
    fitted = fit_estimator(make_pipeline(clusters, Ridge()), job)
    session = Session(EXPORTERS.load("sklearn")(fitted, TABLE, VALUE, job.train.examples), TABLE, VALUE)
    assert check_parity(fitted, session, job.validation.examples, TABLE.edges()).verified
