import threading
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from omloop.bundle import Bundle
from omloop.core import StoreError
from omloop.serve import Limits
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

pytestmark = pytest.mark.parametrize("way", ["short", "long"])


TENSORS = (("hours", "FP64", 1), ("age", "INT64", 20), ("sex", "BYTES", "m"))


class SlowPredictions(MemoryPredictions):
    """Predictions that are recorded once the test lets them go on."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Semaphore(0)
        self.go_on = threading.Event()

    def record(self, predictions):
        self.waiting.release()
        assert self.go_on.wait(20)
        super().record(predictions)


def test_rows_are_answered_in_order_with_the_version_and_an_id_each(server, row):
    answer = server.predict(row, {**row, "sex": "f"})
    assert answer.status_code == 200
    assert answer.json() == {
        "version": server.versions.current,
        "predictions": [{"id": "p000000000", "value": 44.0}, {"id": "p000000001", "value": 41.0}],
    }


def test_a_csv_is_answered_as_json_rows_are(server):
    answer = server.client.post("/v1/predict", content="sex,age,hours\nm,20,1\n", headers={"content-type": "text/csv"})
    assert [prediction["value"] for prediction in answer.json()["predictions"]] == [44.0]


def test_classes_are_answered_with_their_probabilities(serve_with, row):
    with serve_with(MemoryVersions(tiny_bundle(0.01, classes=("sad", "happy")))) as server:
        (answer,) = server.predict(row).json()["predictions"]
    assert answer["label"] == "happy"
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_what_is_answered_has_been_recorded_as_it_was_answered(server, row):
    answer = server.predict(row).json()
    (kept,) = server.predictions.kept
    assert (kept.id, kept.output["value"]) == (answer["predictions"][0]["id"], answer["predictions"][0]["value"])
    assert (kept.version, kept.inputs) == (answer["version"], row)
    assert kept.latency_ms > 0


@pytest.mark.parametrize("failure", [StoreError("Cannot write /secret/log."), OSError(28, "No space left on device")])
def test_a_prediction_that_cannot_be_recorded_is_not_answered(server, failure):
    """Never a 200 without a record; the server's paths stay in its log."""
    server.predictions.failing = failure
    answer = server.predict()
    assert answer.status_code == 503
    assert "could not be recorded" in answer.json()["error"]["message"]
    assert "secret" not in answer.text
    server.predictions.failing = None
    assert server.predict().status_code == 200


def test_without_a_champion_the_answer_says_what_to_do(serve_with):
    with serve_with(MemoryVersions()) as server:
        for answer in (server.predict(), server.client.get("/readyz"), server.client.get("/v1/model")):
            assert answer.status_code == 503
            assert "omloop turn" in answer.json()["error"]["message"]
        assert server.client.get("/healthz").status_code == 200


def test_a_server_becomes_ready_when_the_first_champion_comes(serve_with):
    with serve_with(MemoryVersions()) as server:
        version = server.versions.promote(tiny_bundle())
        server.champion.refresh()
        assert server.client.get("/readyz").json() == {"status": "ready", "version": version}


def test_the_poll_picks_up_a_new_champion_by_itself(serve_with):
    with serve_with(MemoryVersions(tiny_bundle()), poll_s=0.01) as server:
        wanted = server.versions.promote(tiny_bundle(2.0))
        while server.client.get("/readyz").json()["version"] != wanted:
            pass
        assert server.predict().json()["predictions"][0]["value"] == 88.0


def test_labels_are_kept_and_what_became_of_them_is_told(server):
    given = [
        prediction["id"]
        for prediction in server.predict(*[{"hours": 1, "age": 20, "sex": "f"}] * 2).json()["predictions"]
    ]
    labels = [{"id": name, "label": 40} for name in [*given, given[0], "nobody"]]
    answer = server.client.post("/v1/feedback", json={"labels": labels})
    assert answer.json() == {"accepted": 2, "repeated": 1, "changed": 0, "unknown": ["nobody"]}
    assert server.predictions.labels == {given[0]: 40.0, given[1]: 40.0}


def test_one_bad_label_keeps_all_of_them_out(server):
    server.predict()
    labels = [{"id": "p000000000", "label": 40}, {"id": "p000000000", "label": "many"}]
    answer = server.client.post("/v1/feedback", json={"labels": labels})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "labels[1].label"
    assert server.predictions.labels == {}


def test_labels_that_cannot_be_kept_are_a_503(server):
    server.predictions.failing = StoreError("Cannot write /secret/log.")
    answer = server.client.post("/v1/feedback", json={"labels": [{"id": "p0", "label": 1}]})
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_a_prediction_is_found_by_its_id(server, row):
    name = server.predict(row).json()["predictions"][0]["id"]
    found = server.client.get(f"/v1/predictions/{name}").json()
    assert (found["id"], found["inputs"], found["output"], found["label"]) == (name, row, {"value": 44.0}, None)


def test_an_unknown_prediction_is_a_404(server):
    answer = server.client.get("/v1/predictions/nobody")
    assert answer.status_code == 404
    assert "nobody" in answer.json()["error"]["message"]


def test_the_model_page_tells_what_serves(server):
    model = server.client.get("/v1/model").json()
    assert (model["version"], model["project"], model["problem"]) == (server.versions.current, "tiny", None)
    assert [column["name"] for column in model["inputs"]["columns"]] == ["hours", "age", "sex"]
    assert model["metrics"]["model.onnx"]["r2"] == {"value": 0.9, "low": 0.85, "high": 0.95}
    assert model["lineage"]["data_source"] == "simulated"
    assert datetime.fromisoformat(model["since"]).utcoffset() is not None


def test_the_model_page_tells_which_champion_was_refused_and_why(server):
    before = server.versions.current
    bad = server.versions.promote(Bundle.seal(tiny_bundle().manifest, {}))
    server.champion.refresh()
    model = server.client.get("/v1/model").json()
    assert (model["version"], model["problem"]["version"]) == (before, bad)
    assert "model.onnx" in model["problem"]["reason"]


def test_a_refused_first_champion_is_told_with_the_503(serve_with):
    with serve_with(MemoryVersions(Bundle.seal(tiny_bundle().manifest, {}))) as server:
        answer = server.predict()
    assert answer.status_code == 503
    assert answer.json()["problem"]["version"] == server.versions.current


def test_beyond_the_bound_requests_are_refused_at_once_and_health_is_still_answered(serve_with):
    """One worker, two places: the third request is told to come back."""
    slow = SlowPredictions()
    with serve_with(predictions=slow, limits=Limits(pending=2, workers=1, inline_s=0)) as server:
        statuses: list[int] = []
        askers = [threading.Thread(target=lambda: statuses.append(server.predict().status_code)) for _ in range(2)]
        for asker in askers:
            asker.start()
        while "omloop_in_flight 2" not in server.client.get("/metrics").text:
            pass
        refused = server.predict()
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert server.client.get("/healthz").status_code == 200
        slow.go_on.set()
        for asker in askers:
            asker.join()
        assert statuses == [200, 200]
        assert server.predict().status_code == 200


def test_a_request_in_flight_is_answered_by_the_version_that_it_took(serve_with):
    slow = SlowPredictions()
    with serve_with(predictions=slow, limits=Limits(inline_s=0)) as server:
        before = server.versions.current
        answers: list[httpx.Response] = []
        asker = threading.Thread(target=lambda: answers.append(server.predict()))
        asker.start()
        assert slow.waiting.acquire(timeout=20)
        server.versions.promote(tiny_bundle(2.0))
        assert server.champion.refresh()
        slow.go_on.set()
        asker.join()
    assert (answers[0].json()["version"], answers[0].json()["predictions"][0]["value"]) == (before, 44.0)


def test_a_threshold_decides_the_label_at_every_address(serve_with, row) -> None:
    """The share of `happy` is 0.61: more than half, and less than is asked for."""
    bundle = tiny_bundle(0.01, classes=("sad", "happy"), threshold=0.7)
    tensors = [{"name": name, "shape": [1], "datatype": kind, "data": [value]} for name, kind, value in TENSORS]
    with serve_with(MemoryVersions(bundle), compat=("kserve", "mlflow")) as server:
        (own,) = server.predict().json()["predictions"]
        kserve = server.client.post("/v2/models/tiny/infer", json={"inputs": tensors}).json()["outputs"]
        mlflow = server.client.post("/invocations", json={"dataframe_records": [row]}).json()
        kept = server.predictions.kept[0].output
    assert own["label"] == kept["label"] == "sad" and own["probabilities"]["happy"] == pytest.approx(0.61, abs=0.01)
    assert next(one["data"] for one in kserve if one["name"] == "label") == ["sad"]
    assert mlflow == {"predictions": ["sad"]}


def test_what_the_project_warns_of_is_told_with_the_model(serve_with):
    plain = tiny_bundle()
    warned = Bundle.seal(replace(plain.manifest, caution="Not for the road."), plain.files)
    for bundle, caution in ((warned, "Not for the road."), (plain, "")):
        with serve_with(MemoryVersions(bundle)) as server:
            assert server.client.get("/v1/model").json()["caution"] == caution
