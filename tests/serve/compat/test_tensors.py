"""Bodies with tensors as bytes that no client would send: each is a 400 that says where, and nothing is predicted."""

import io
import json
import struct

import PIL.Image
import pytest

from omloop.serve import Limits
from omloop.testing.bundles import tiny_image_bundle
from omloop.testing.memories import MemoryVersions

INFER = "/v2/models/tiny/infer"
TWO = struct.pack("<2d", 1, 2.5)
TEXT = b"\x01\x00\x00\x00m\x01\x00\x00\x00f"


@pytest.fixture
def server(serve_with):
    with serve_with(limits=Limits(rows=3, workers=1), compat=("kserve",)) as started:
        yield started


def described(name: str, datatype: str, size: object, rows: int = 2) -> dict:
    return {"name": name, "shape": [rows], "datatype": datatype, "parameters": {"binary_data_size": size}}


def send(server, *tensors: dict, behind: bytes, length: object = None):
    head = json.dumps({"inputs": list(tensors)}).encode()
    headers = {"inference-header-content-length": str(len(head) if length is None else length)}
    return server.client.post(INFER, content=head + behind, headers=headers)


HOURS = described("hours", "FP64", 16)
AGE = {"name": "age", "shape": [2], "datatype": "INT64", "data": [20, 21]}
SEX = described("sex", "BYTES", len(TEXT))


def test_tensors_as_bytes_and_as_lists_go_together(server):
    answer = send(server, HOURS, AGE, SEX, behind=TWO + TEXT)
    assert [one["data"] for one in answer.json()["outputs"] if one["name"] == "value"] == [[44.0, 44.5]]


@pytest.mark.parametrize(
    ("tensors", "behind", "told"),
    [
        ([HOURS, AGE, SEX], TWO + TEXT[:-1], "inputs[2].parameters.binary_data_size: must be a number of bytes; 9"),
        ([HOURS, AGE, SEX], TWO + TEXT + b"x", "1 bytes are left"),
        ([HOURS, AGE, described("sex", "BYTES", 3)], TWO + b"\1\0\0", "inputs[2].data: ends within a value"),
        ([HOURS, AGE, described("sex", "BYTES", 5)], TWO + b"\xff\xff\xff\xffm", "inputs[2].data: ends within"),
        ([HOURS, AGE, described("sex", "BYTES", 10)], TWO + TEXT[:-1] + b"\xff", "inputs[2].data: must be a text"),
        ([HOURS, AGE, described("sex", "BYTES", 8)], TWO + bytes(8), "rows[0].sex"),
        ([HOURS, AGE, described("sex", "BYTES", 12)], TWO + bytes(12), "inputs[2].data: has more than 2 values"),
        ([HOURS, AGE, described("sex", "BYTES", 4)], TWO + bytes(4), "inputs[2].data: has 1 values"),
        ([HOURS, AGE, described("sex", "BYTES", 900_000)], TWO + bytes(900_000), "has more than 2 values"),
        ([described("hours", "FP64", 15), AGE], TWO[:15], "inputs[0].data: has 15 bytes"),
        ([described("hours", "FP64", 24), AGE], TWO + TWO[:8], "inputs[0].data: has 24 bytes"),
        ([described("hours", "FP64", True), AGE], TWO, "binary_data_size"),
        ([described("hours", "FP64", -1), AGE], TWO, "binary_data_size"),
        ([described("hours", "FP64", 10**30), AGE], TWO, "binary_data_size"),
        ([described("hours", "FP64", 16, rows=10**9)], TWO, "inputs[0].shape: 1,000,000,000 rows are too many"),
        ([described("hours", "FP64", 16)], struct.pack("<2d", 1, float("inf")), "inputs[0].data[1]: is infinite"),
        ([HOURS, AGE, SEX], struct.pack("<2d", 1, float("nan")) + TEXT, "rows[1].hours: a value is missing"),
        ([described("hours", "FP128", 16)], TWO, "inputs[0].datatype"),
    ],
)
def test_damaged_tensors_are_a_400_that_says_where(server, tensors, behind, told):
    answer = send(server, *tensors, behind=behind)
    assert (answer.status_code, told in answer.json()["error"]) == (400, True), answer.text
    assert server.predictions.kept == []


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "10000", "9" * 40, "²"])
def test_a_length_of_the_json_that_cannot_be_is_a_400(server, length):
    headers = [(b"inference-header-content-length", length.encode())]
    answer = server.client.post(INFER, content=b"{}", headers=headers)
    assert (answer.status_code, "inference-header-content-length" in answer.json()["error"]) == (400, True)


def test_pictures_as_bytes_may_be_as_long_as_files(serve_with):
    noise = PIL.Image.effect_noise((1200, 1200), 90)
    noise.save(written := io.BytesIO(), "PNG")
    content = struct.pack("<I", len(written.getvalue())) + written.getvalue()
    assert len(content) > Limits().body_bytes
    with serve_with(MemoryVersions(tiny_image_bundle()), compat=("kserve",)) as server:
        address = f"/v2/models/{server.client.get('/v1/model').json()['project']}/infer"
        head = json.dumps({"inputs": [described("image", "BYTES", len(content), rows=1)]}).encode()
        headers = {"inference-header-content-length": str(len(head))}
        assert server.client.post(address, content=head + content, headers=headers).status_code == 200
        assert server.client.post(address, content=head + content).status_code == 413
