"""The clients of other servers as they are, none of their defaults changed: Triton's, MLflow's and curl, over sockets.

KServe's own is in `test_clients_apart.py`: its dependencies exclude ours.
"""

import asyncio
import gzip
import io
import json
import shutil
import subprocess

import numpy as np
import PIL.Image
import pytest

from omloop.serve import Limits
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryVersions

MISSING = "the extra 'clients' is not installed: pip install -e '.[clients]'"
NUMBERS = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]
ROWS = {"hours": [1, 2], "age": [20, 21], "sex": ["m", "f"]}
INFER = "/v2/models/tiny/infer"
TENSORS = {
    "inputs": [
        {"name": "hours", "shape": [1], "datatype": "FP64", "data": [1]},
        {"name": "age", "shape": [1], "datatype": "INT64", "data": [20]},
        {"name": "sex", "shape": [1], "datatype": "BYTES", "data": ["m"]},
    ]
}
RECORDS = {"dataframe_records": [{"hours": 1, "age": 20, "sex": "m"}]}


@pytest.fixture
def http():
    return pytest.importorskip("tritonclient.http", reason=MISSING)


@pytest.fixture
def server(serve_with):
    with serve_with(compat=("kserve", "mlflow")) as started:
        yield started


@pytest.fixture
def triton(http, server):
    with http.InferenceServerClient(host(server)) as client:
        yield client


def host(server) -> str:
    return server.url.removeprefix("http://")


def tensor(http, name: str, values: np.ndarray, *, binary: bool = True):
    from tritonclient.utils import np_to_triton_dtype

    made = http.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
    return made.set_data_from_numpy(values, binary_data=binary)


def tensors(http, *, binary: bool = True, count: int = 2, number: str = "f8"):
    hours, ages = np.linspace(1, 2, count).astype(number), np.full((count, 1), 20, "i2")
    sexes = np.array([b"m"] * count, object)
    columns = {"hours": hours, "age": ages, "sex": sexes}
    return [tensor(http, name, values, binary=binary) for name, values in columns.items()]


@pytest.mark.parametrize("coding", [None, "gzip", "deflate"])
@pytest.mark.parametrize("binary", [True, False])
def test_triton_sends_and_gets_tensors_in_every_way_that_it_has(http, triton, server, binary, coding):
    coded = {"request_compression_algorithm": coding, "response_compression_algorithm": coding}
    for outputs in (None, [http.InferRequestedOutput(name, binary_data=binary) for name in ("id", "value")]):
        sent = tensors(http, binary=binary, count=300)
        answer = triton.infer("tiny", sent, outputs=outputs, request_id="7", **coded)
        assert answer.get_response()["id"] == "7" and answer.as_numpy("value").shape == (300,)
        assert answer.as_numpy("value")[0] == 44.0
        (first, *_), known = answer.as_numpy("id").tolist(), server.predictions.kept[-300].id
        assert first in (known, known.encode())


@pytest.mark.parametrize("number", NUMBERS)
def test_triton_may_send_a_number_of_every_width(http, triton, server, number):
    assert triton.infer("tiny", tensors(http, number=number)).as_numpy("value").tolist()[0] == 44.0
    assert server.predictions.kept[0].inputs == {"hours": 1.0, "age": 20, "sex": "m"}


def test_triton_sends_half_of_a_float_and_bits(http, triton, server):
    hours, late = http.InferInput("hours", [1], "BF16"), http.InferInput("late", [1], "BOOL")
    hours.set_data_from_numpy(np.array([1.5], np.float32))
    late.set_data_from_numpy(np.array([True]))
    rest = tensors(http, count=1)[1:]
    assert triton.infer("tiny", [hours, *rest]).as_numpy("value").shape == (1,)
    assert server.predictions.kept[0].inputs["hours"] == 1.5
    with pytest.raises(Exception, match="late"):
        triton.infer("tiny", [hours, late, *rest])


def test_triton_gets_classes_with_their_probabilities_as_bytes(http, serve_with):
    bundle = tiny_bundle(0.01, classes=("sad", "happy"))
    with serve_with(MemoryVersions(bundle), compat=("kserve",)) as server:
        answer = http.InferenceServerClient(host(server)).infer("tiny", tensors(http))
    assert answer.as_numpy("label").tolist() == [b"happy", b"happy"]
    assert answer.as_numpy("probabilities").sum(axis=1) == pytest.approx([1, 1])
    assert answer.get_output("probabilities")["parameters"]["classes"] == "sad,happy"


def test_triton_sends_texts_and_pictures_as_they_are(http, serve_with):
    written = io.BytesIO()
    PIL.Image.new("L", (9, 9), 50).save(written, "PNG")
    sent = {"image": (tiny_image_bundle(), written.getvalue()), "review": (tiny_text_bundle(), "gööd".encode())}
    for name, (bundle, content) in sent.items():
        with serve_with(MemoryVersions(bundle), compat=("kserve",)) as server:
            client = http.InferenceServerClient(host(server))
            project = client.get_model_repository_index()[0]["name"]
            answer = client.infer(project, [tensor(http, name, np.array([content, content], object))])
            assert len(answer.as_numpy("id")) == 2
    assert server.predictions.kept[0].inputs == {"review": "gööd"}


def test_triton_learns_what_serves_and_what_was_counted(http, triton, server):
    version = server.versions.current
    assert triton.is_server_live() and triton.is_server_ready() and triton.is_model_ready("tiny", version)
    assert triton.get_model_metadata("tiny")["versions"] == [version]
    assert triton.get_model_config("tiny")["input"][2] == {"name": "sex", "data_type": "TYPE_STRING", "dims": [-1]}
    assert [one["state"] for one in triton.get_model_repository_index()] == ["READY"]
    triton.infer("tiny", tensors(http))
    for found in (triton.get_inference_statistics(), triton.get_inference_statistics("tiny", version)):
        (one,) = found["model_stats"]
        assert (one["inference_count"], one["inference_stats"]["success"]["count"]) == (2, 1)
        assert one["inference_stats"]["compute_infer"]["ns"] > 0


def test_triton_is_told_what_is_wrong_in_a_text(http, triton):
    from tritonclient.utils import InferenceServerException

    short = http.InferRequestedOutput("value", class_count=1)
    for call, told in (
        (lambda: triton.infer("tiny", tensors(http)[:2]), "[400] rows[0].sex: is missing"),
        (lambda: triton.infer("tiny", tensors(http), outputs=[short]), "[400] outputs[0].parameters.classification"),
        (lambda: triton.infer("other", tensors(http)), "[404] there is no model 'other'"),
        (lambda: triton.load_model("tiny"), "[404] there is no POST /v2/repository/models/tiny/load"),
        (triton.get_trace_settings, "[404] there is no GET /v2/trace/setting"),
    ):
        with pytest.raises(InferenceServerException) as caught:
            call()
        assert str(caught.value).startswith(told)
    assert not triton.is_model_ready("other")


def test_triton_beside_others_on_an_event_loop_is_answered_too(server):
    http = pytest.importorskip("tritonclient.http.aio", reason=MISSING)

    async def ask() -> list[float]:
        async with http.InferenceServerClient(host(server)) as client:
            coded = {"request_compression_algorithm": "gzip", "response_compression_algorithm": "gzip"}
            sent = [client.infer("tiny", tensors(http, count=300), **more) for more in ({}, coded)]
            assert await client.is_server_ready() and await client.get_inference_statistics("tiny")
            return [answer.as_numpy("value")[0] for answer in await asyncio.gather(*sent)]

    assert asyncio.run(ask()) == [44.0, 44.0]


def test_mlflow_sends_rows_in_every_form_that_it_has(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason=MISSING)
    rows = pytest.importorskip("pandas", reason=MISSING).DataFrame(ROWS)
    client = scoring.ScoringServerClient(*host(server).split(":"))
    client.wait_server_ready(timeout=5)
    forms = {"dataframe_split": "split", "dataframe_records": "records", "instances": "records", "inputs": "list"}
    written = [json.dumps({form: rows.to_dict(shape), "params": {}}) for form, shape in forms.items()]
    for sent in (rows, rows.to_dict("records"), *written):
        assert client.invoke(sent).get_predictions().values.tolist() == [[44.0], [44.0]]
    assert len(server.predictions.kept) == 2 * 6


def test_mlflow_writes_nan_for_what_is_absent(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    scoring = pytest.importorskip("mlflow.pyfunc.scoring_server.client", reason=MISSING)
    rows = pytest.importorskip("pandas", reason=MISSING).DataFrame({**ROWS, "hours": [1, None]})
    client = scoring.ScoringServerClient(*host(server).split(":"))
    with pytest.raises(Exception, match=r"400.*rows\[1\].hours: a value is missing"):
        client.invoke(rows)


def curl(*arguments: str, given: bytes = b"") -> tuple[int, bytes]:
    """The status and the body of curl's answer, without anybody's configuration."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine")
    command = ["curl", "-q", "-s", "--noproxy", "*", "--max-time", "20", "-w", "\n%{http_code}", *arguments]
    body, _, status = subprocess.run(command, input=given, capture_output=True, check=True).stdout.rpartition(b"\n")
    return int(status), body


@pytest.mark.parametrize("way", ["short", "long"])
@pytest.mark.parametrize(("address", "body"), [(INFER, TENSORS), ("/invocations", RECORDS)])
def test_curl_sends_json_by_each_of_its_defaults(server, tmp_path, way, address, body):
    url, text = server.url + address, json.dumps(body)
    (tmp_path / "body").write_text(text)
    for arguments in (
        ("-d", text),
        ("-d", f"@{tmp_path}/body"),
        ("--data-binary", f"@{tmp_path}/body"),
        ("--json", text),
        ("--compressed", "-d", text),
        ("-X", "POST", "-T", f"{tmp_path}/body"),
        ("-H", "Expect: 100-continue", "-d", text),
        ("-0", "-d", text),
    ):
        status, answer = curl(*arguments, url)
        assert (status, b"44.0" in answer) == (200, True), (arguments, answer)
    assert curl("-X", "POST", "-T", "-", url, given=text.encode())[0] == 200, "in chunks"


def test_curl_sends_a_csv_and_asks_the_probes(server):
    typed = ("-H", "content-type: text/csv", "--data-binary", "@-")
    csv = b"hours,age,sex\n1,20,m\n"
    assert curl(*typed, f"{server.url}/invocations", given=csv) == (200, b'{"predictions":[44.0]}')
    for address in ("/ping", "/health", "/version", "/v2", "/v2/health/ready", "/v2/models/tiny", "/v1/models/tiny"):
        assert curl(server.url + address)[0] == curl("-I", server.url + address)[0] == 200


@pytest.mark.parametrize("address", [INFER, "/invocations"])
def test_curl_is_told_what_to_send_instead(server, tmp_path, address):
    url = server.url + address
    (tmp_path / "long").write_bytes(b" " * 1_500_000)
    told = {
        ("-F", "file=x"): (415, b"multipart/form-data"),
        ("-d", "hours=1&age=20"): (400, b"not valid JSON"),
        ("-T", f"{tmp_path}/long"): (405, b"POST"),
        ("--data-binary", f"@{tmp_path}/long"): (413, b"longer than 1,000,000 bytes"),
        ("-d", "{}", "-H", "Origin: https://other.example"): (403, b"a page of https://other.example may not ask"),
    }
    for arguments, (status, words) in told.items():
        answer = curl(*arguments, url)
        assert (answer[0], words in answer[1]) == (status, True), (arguments, answer)
    assert server.predictions.kept == []


def test_curl_has_a_long_answer_compressed_when_it_asks_for_that(server):
    many = [{**one, "shape": [500], "data": one["data"] * 500} for one in TENSORS["inputs"]]
    text = json.dumps({"inputs": many}).encode()
    sizes = {}
    for asked in ((), ("--compressed",)):
        status, told = curl(*asked, "-d", "@-", "-w", "%{size_download}\n%{http_code}", server.url + INFER, given=text)
        sizes[asked] = int(told.rpartition(b"}")[2])
        assert (status, len(json.loads(told[: told.rindex(b"}") + 1])["outputs"][1]["data"])) == (200, 500)
    assert sizes[("--compressed",)] < sizes[()] / 2


def test_a_body_is_inflated_to_the_limit_of_bodies_and_no_further(serve_with):
    with serve_with(limits=Limits(body_bytes=10_000, workers=1), compat=("kserve", "mlflow")) as server:
        for address in (INFER, "/invocations"):
            for content, status in (
                (gzip.compress(b" " * 10_001), 413),
                (gzip.compress(b" " * 5_000_000), 413),
                (gzip.compress(b"{}")[:-4], 400),
                (gzip.compress(b"{}") * 2, 400),
                (b"{}", 400),
            ):
                answer = server.client.post(address, content=content, headers={"content-encoding": "gzip"})
                assert answer.status_code == status, answer.text
