"""The Open Inference Protocol over HTTP: tensors in, tensors out, and its own words for what is wrong."""

import base64
import io

import PIL.Image
import pytest

from omloop.serve import Limits
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_sure_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryVersions

INFER = "/v2/models/tiny/infer"
HOURS = {"name": "hours", "shape": [2], "datatype": "FP64", "data": [1, 2.5]}
AGE = {"name": "age", "shape": [2, 1], "datatype": "INT64", "data": [[20], [21]]}
SEX = {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["m", "f"]}


@pytest.fixture
def server(serve_with):
    with serve_with(compat=("kserve",)) as started:
        yield started


def infer(server, *tensors, **more):
    return server.client.post(INFER, json={"inputs": list(tensors), **more})


def outputs(answer) -> dict:
    assert answer.status_code == 200, answer.text
    return {tensor["name"]: tensor for tensor in answer.json()["outputs"]}


def test_tensors_of_columns_are_answered_by_tensors(server):
    answer = infer(server, HOURS, AGE, SEX, id="mine")
    body = answer.json()
    assert (body["model_name"], body["model_version"], body["id"]) == ("tiny", server.versions.current, "mine")
    assert outputs(answer)["value"] == {"name": "value", "datatype": "FP64", "shape": [2], "data": [44.0, 44.5]}
    assert outputs(answer)["id"]["data"] == [kept.id for kept in server.predictions.kept]
    assert server.predictions.kept[1].inputs == {"hours": 2.5, "age": 21, "sex": "f"}


def test_an_interval_is_a_tensor_of_two_columns(serve_with):
    with serve_with(MemoryVersions(tiny_sure_bundle()), compat=("kserve",)) as server:
        found = outputs(infer(server, HOURS, AGE, SEX))
        assert found["interval"] == {
            "name": "interval",
            "datatype": "FP64",
            "shape": [2, 2],
            "data": [36, 52, 36.5, 52.5],
        }
        (described,) = (
            one for one in server.client.get("/v2/models/tiny").json()["outputs"] if one["name"] == "interval"
        )
        assert described == {"name": "interval", "datatype": "FP64", "shape": [-1, 2]}


def test_the_outputs_that_are_named_are_the_ones_that_come(server):
    assert list(outputs(infer(server, HOURS, AGE, SEX, outputs=[{"name": "value"}]))) == ["value"]
    refused = infer(server, HOURS, AGE, SEX, outputs=[{"name": "scores"}])
    assert (refused.status_code, refused.json()["error"]) == (400, "outputs[0].name: must be one of id, value")


def test_classes_come_with_their_probabilities(serve_with):
    with serve_with(MemoryVersions(tiny_bundle(0.01, classes=("sad", "happy"))), compat=("kserve",)) as server:
        found = outputs(infer(server, HOURS, AGE, SEX))
    assert found["label"]["data"] == ["happy", "happy"]
    shares = found["probabilities"]
    assert (shares["shape"], shares["parameters"], len(shares["data"])) == ([2, 2], {"classes": "sad,happy"}, 4)
    assert sum(shares["data"]) == pytest.approx(2)


def test_pictures_and_texts_are_bytes(serve_with):
    written = io.BytesIO()
    PIL.Image.new("L", (9, 9), 50).save(written, "PNG")
    tensor = {
        "name": "image",
        "shape": [1],
        "datatype": "BYTES",
        "data": [base64.b64encode(written.getvalue()).decode()],
    }
    with serve_with(MemoryVersions(tiny_image_bundle()), compat=("kserve",)) as server:
        assert outputs(infer(server, tensor))["value"]["data"] == [50.0]
    with serve_with(MemoryVersions(tiny_text_bundle()), compat=("kserve",)) as server:
        tensor = {"name": "review", "shape": [1], "datatype": "BYTES", "data": ["good"]}
        assert outputs(infer(server, tensor))["label"]["data"] == ["positive"]


def test_the_server_and_its_model_tell_what_they_are(server):
    get, version = server.client.get, server.versions.current
    assert get("/v2").json()["name"] == "omloop"
    assert get("/v2/health/live").json() == {"live": True}
    assert get("/v2/health/ready").json() == {"ready": True}
    assert get("/v2/models/tiny/ready").json() == {"name": "tiny", "ready": True}
    model = get(f"/v2/models/tiny/versions/{version}").json()
    assert model["versions"] == [version]
    assert [(one["name"], one["datatype"]) for one in model["inputs"]] == [
        ("hours", "FP64"),
        ("age", "INT64"),
        ("sex", "BYTES"),
    ]
    assert [one["name"] for one in model["outputs"]] == ["id", "value"]


@pytest.mark.parametrize(
    "address", ["/v2/models/other", "/v2/models/tiny/versions/1", "/v2/models/tiny/versions/1/ready"]
)
def test_another_model_or_version_is_a_404(server, address):
    answer = server.client.get(address)
    assert (answer.status_code == 404 and "tiny" in answer.text) or server.versions.current in answer.text
    assert isinstance(answer.json()["error"], str)


def test_before_the_first_version_nothing_is_ready(serve_with):
    with serve_with(MemoryVersions(), compat=("kserve",)) as server:
        assert server.client.get("/v2/health/live").status_code == 200
        for address in ("/v2/health/ready", "/v2/models/tiny", "/v2/models/tiny/ready"):
            assert server.client.get(address).status_code == 503
        assert infer(server, HOURS).status_code == 503


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "tensors"),
        ({}, "tensors"),
        ({"inputs": []}, "tensors"),
        ({"inputs": {}}, "tensors"),
        ({"inputs": [1]}, "inputs[0]: must be an object"),
        ({"inputs": [{"name": "hours"}]}, "inputs[0]: must be an object"),
        ({"inputs": [{**HOURS, "name": 1}]}, "inputs[0].name"),
        ({"inputs": [{**HOURS, "datatype": "FP128"}]}, "inputs[0].datatype"),
        ({"inputs": [{**HOURS, "datatype": []}]}, "inputs[0].datatype"),
        ({"inputs": [{**HOURS, "shape": "2"}]}, "inputs[0].shape"),
        ({"inputs": [{**HOURS, "shape": [True]}]}, "inputs[0].shape"),
        ({"inputs": [{**HOURS, "shape": [-2]}]}, "inputs[0].shape"),
        ({"inputs": [{**HOURS, "shape": [1, 2]}]}, "inputs[0].shape: must be [n]"),
        ({"inputs": [{**HOURS, "shape": []}]}, "inputs[0].shape: must be [n]"),
        ({"inputs": [{**HOURS, "shape": [10**30]}]}, "inputs[0].data: has 2 values"),
        ({"inputs": [{**HOURS, "data": "AAAA"}]}, "binary"),
        ({"inputs": [HOURS, HOURS]}, "twice"),
        ({"inputs": [HOURS, {**AGE, "shape": [1], "data": [20]}, SEX]}, "different lengths: 1, 2"),
        ({"inputs": [{**HOURS, "shape": [0], "data": []}]}, "at least one row"),
        ({"inputs": [HOURS, AGE]}, "rows[0].sex: is missing"),
        ({"inputs": [HOURS, AGE, SEX, {**HOURS, "name": "passed"}]}, "known only after"),
        ({"inputs": [HOURS, AGE, {**SEX, "data": ["m", "x"]}]}, "rows[1].sex"),
        ({"inputs": [{**HOURS, "data": [1, 10**30]}, AGE, SEX]}, "rows[1].hours"),
        ({"inputs": [{**HOURS, "data": [[1, 2], 3]}, AGE, SEX]}, "rows[0].hours"),
        ({"inputs": [HOURS, AGE, SEX], "id": 7}, "id: must be a text"),
        ({"inputs": [HOURS, AGE, SEX], "outputs": "value"}, "outputs"),
        ({"inputs": [HOURS, AGE, SEX], "outputs": [1]}, "outputs"),
        ({"inputs": [HOURS, AGE, SEX], "outputs": {}}, "outputs"),
    ],
)
def test_what_does_not_fit_is_a_400_that_says_where(server, body, told):
    answer = server.client.post(INFER, json=body)
    assert (answer.status_code, told in answer.json()["error"]) == (400, True), answer.text
    assert server.predictions.kept == []


def test_bounds_are_those_of_every_prediction(serve_with):
    with serve_with(limits=Limits(body_bytes=400, rows=1, workers=1), compat=("kserve",)) as server:
        assert infer(server, HOURS, AGE, SEX).status_code == 400
        assert (
            server.client.post(INFER, content=b"x" * 401, headers={"content-type": "application/json"}).status_code
            == 413
        )
        assert server.client.post(INFER, content=b"{", headers={"content-type": "application/json"}).status_code == 400
        assert server.client.post(INFER, content=b"{", headers={"content-type": "text/csv"}).status_code == 415
        headers = {"content-type": "application/json", "x-request-timeout-ms": "soon"}
        assert server.client.post(INFER, content=b"{}", headers=headers).status_code == 400
        assert server.client.get(INFER).status_code == 405
        server.predictions.failing = OSError(28, "No space left on device")
        one = [{**tensor, "shape": [1], "data": tensor["data"][:1]} for tensor in (HOURS, AGE, SEX)]
        answer = server.client.post(INFER, json={"inputs": one})
        assert (answer.status_code, "recorded" in answer.json()["error"]) == (503, True)


def test_the_headers_are_those_of_every_prediction(server):
    answer = server.client.post(INFER, json={"inputs": [HOURS, AGE, SEX]}, headers={"x-caller-key": "team-7"})
    assert (answer.status_code, [kept.key for kept in server.predictions.kept]) == (200, ["team-7", "team-7"])
    refused = server.client.post(INFER, json={"inputs": [HOURS, AGE, SEX]}, headers={"x-caller-key": "x" * 129})
    assert (refused.status_code, "X-Caller-Key" in refused.json()["error"]) == (400, True)


def test_a_long_request_is_read_beside_the_loop(server):
    count = 4000
    tensors = [
        {"name": "hours", "shape": [count], "datatype": "FP32", "data": [1] * count},
        {"name": "age", "shape": [count], "datatype": "INT8", "data": [20] * count},
        {"name": "sex", "shape": [count, 1], "datatype": "BYTES", "data": ["m"] * count},
    ]
    assert outputs(infer(server, *tensors))["value"]["data"] == [44.0] * count


def test_requests_are_counted_under_their_template(server):
    infer(server, HOURS, AGE, SEX)
    assert 'route="/v2/models/{name}/infer",status="200"} 1' in server.client.get("/metrics").text


def test_the_document_has_an_example_that_is_answered(server):
    paths = server.client.get("/openapi.json").json()["paths"]
    example = paths["/v2/models/{name}/infer"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert server.client.post(INFER, json=example).status_code == 200
