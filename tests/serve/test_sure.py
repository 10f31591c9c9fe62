"""Answers that say how sure they are, by every way in."""

import numpy as np
import pytest

from omloop.testing.bundles import tiny_sure_bundle
from omloop.testing.memories import MemoryVersions

MOODS = ("sad", "happy")


@pytest.fixture(params=["short", "asgi"])
def way(request):
    return request.param


def test_an_answer_carries_its_interval_and_the_log_keeps_it(serve_with, row):
    with serve_with(MemoryVersions(tiny_sure_bundle())) as server:
        (found,) = server.client.post("/v1/predict", json={"rows": [row]}).json()["predictions"]
        value = found["value"]
        assert found["interval"] == [value - 8, value + 8]
        assert server.predictions.kept[0].output == {"value": value, "interval": [value - 8, value + 8]}


def test_confidence_stays_where_probabilities_are_left_out(serve_with, row):
    with serve_with(MemoryVersions(tiny_sure_bundle(0.01, classes=MOODS))) as server:
        (whole,) = server.client.post("/v1/predict", json={"rows": [row]}).json()["predictions"]
        (brief,) = server.client.post("/v1/predict?proba=false", json={"rows": [row]}).json()["predictions"]
        assert whole["confidence"] == whole["probabilities"][whole["label"]]
        assert (brief["label"], brief["confidence"]) == (whole["label"], whole["confidence"])
        assert "probabilities" not in brief


def test_the_documentation_tells_what_they_mean(serve_with):
    for bundle, name in ((tiny_sure_bundle(), "interval"), (tiny_sure_bundle(classes=MOODS), "confidence")):
        with serve_with(MemoryVersions(bundle)) as server:
            schemas = server.client.get("/openapi.json").json()["components"]["schemas"]
            answer = schemas["Predictions"]["properties"]["predictions"]["items"]
            assert name in answer["required"]
            assert np.isin(["90", "80"], answer["properties"][name]["description"].split()).any()


def test_other_protocols_answer_the_number_alone(serve_with, row):
    with serve_with(MemoryVersions(tiny_sure_bundle()), compat=("mlflow", "kserve")) as server:
        found = server.client.post("/invocations", json={"dataframe_records": [row]}).json()
        first = server.client.post("/v1/models/tiny:predict", json={"instances": [row]}).json()
        assert found == first == {"predictions": [server.predictions.kept[0].output["value"]]}
