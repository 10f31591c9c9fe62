"""Hostile requests to the addresses of other servers: each is refused in that server's words, and harms nobody."""

import json

import pytest

from omloop.bundle import Bundle
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle

pytestmark = [pytest.mark.parametrize("way", ["short", "long"]), pytest.mark.usefixtures("no_faults")]

JSON = {"content-type": "application/json"}
INFER, INVOKE, SCORE = "/v2/models/tiny/infer", "/invocations", "/score"
ROWS = {"path": SCORE, "method": "POST", "take": "rows", "field": "rows", "answer": {"$each": "$value"}}
FILE = {"path": "/look", "method": "POST", "take": "file", "field": "file", "answer": "$value"}
PIXELS = {
    "path": "/pixels",
    "method": "POST",
    "take": "pixels",
    "field": "pixels",
    "shape": [6, 8, 3],
    "answer": "$value",
}
QUERY = {"path": "/review/", "take": "query", "field": "text", "answer": "$label"}

UNREADABLE = {
    "empty": b"",
    "not JSON": b"hours=1",
    "cut off": b'{"inputs": [',
    "two values": b"{}{}",
    "a lone surrogate": rb'{"inputs": "\ud800"}',
    "a raw surrogate": b'{"inputs": "\xed\xa0\x80"}',
    "not UTF-8": b'{"inputs": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nested 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects nested 10,000 deep": b'{"inputs":' * 10_000 + b"1" + b"}" * 10_000,
}
TENSOR = b'{"name": "hours", "shape": [%s], "datatype": "FP64", "data": [%s]}'
WRONG: dict[str, tuple[str, bytes, int, str]] = {
    # name: address, body, status, a word of the message
    "a shape of 40 digits": (INFER, b'{"inputs": [%s]}' % (TENSOR % (b"9" * 40, b"1")), 400, "the shape says"),
    "a shape below nothing": (INFER, b'{"inputs": [%s]}' % (TENSOR % (b"-1", b"1")), 400, "whole numbers"),
    "a value of 400 digits": (INFER, b'{"inputs": [%s]}' % (TENSOR % (b"1", b"9" * 400)), 400, "rows[0]"),
    "values nested 1,000 deep": (
        INFER,
        b'{"inputs": [%s]}' % (TENSOR % (b"1", b"[" * 900 + b"]" * 900)),
        400,
        "rows[0]",
    ),
    "20,000 tensors": (INFER, b'{"inputs": [%s{}]}' % (b"{}," * 20_000), 400, "inputs[0]"),
    "20,000 rows": (INVOKE, b'{"instances": [%s{}]}' % (b"{}," * 20_000), 400, "rows"),
    "a form given twice": (INVOKE, b'{"instances": [], "instances": {}}', 400, "must be a list"),
    "100,000 columns": (
        INVOKE,
        b'{"inputs": {%s}}' % b",".join(b'"%d":[0]' % n for n in range(60_000)),
        400,
        "rows[0]",
    ),
    "a name from Python": (INVOKE, b'{"inputs": {"__class__": ["x"]}}', 400, "__class__"),
    "a path for a name": (INVOKE, b'{"inputs": {"../../etc/passwd": [1]}}', 400, "passwd"),
    "another key": (SCORE, b'{"instances": []}', 422, "one key"),
    "rows that are an object": (SCORE, b'{"rows": {}}', 422, "one key"),
    "a row that is null": (SCORE, b'{"rows": [null]}', 422, "rows[0]"),
    "longer than allowed": (SCORE, b" " * 1_000_001, 413, "longer than"),
}
PICTURES: dict[str, tuple[bytes, int, str]] = {
    "no list": (b'{"pixels": "all"}', 422, "one key"),
    "one number": (b'{"pixels": [1]}', 422, "144 numbers"),
    "a list of lists": (json.dumps({"pixels": [[0] * 144]}).encode(), 422, "144 numbers"),
    "true": (json.dumps({"pixels": [True] * 144}).encode(), 422, "pixels[0]: true is not a number"),
    "numbers of 300 digits": (b'{"pixels": [%s]}' % b",".join([b"9" * 300] * 144), 422, "pixels"),
    "numbers of 400 digits": (b'{"pixels": [%s]}' % b",".join([b"9" * 400] * 144), 422, "pixels"),
    "numbers below nothing": (json.dumps({"pixels": [-1] * 144}).encode(), 422, "pixels"),
    "a number of e308": (b'{"pixels": [%s]}' % b",".join([b"1e308"] * 144), 422, "pixels"),
}
TEXTS: dict[str, tuple[str, int, str]] = {
    "none": ("", 422, "missing in the query"),
    "an empty one": ("?text=", 422, "review"),
    "white space": ("?text=%20%09", 422, "review"),
    "a zero byte": ("?text=%00", 400, ""),
    "not UTF-8": ("?text=%ff", 400, "not UTF-8"),
    "overlong UTF-8": ("?text=%c0%ae", 400, "not UTF-8"),
    "half a surrogate": ("?text=%ed%a0%80", 400, "not UTF-8"),
    "20,000 letters": ("?text=" + "x" * 20_000, 422, "review"),
}


def with_routes(bundle: Bundle, *routes: object) -> Bundle:
    content = json.dumps({"routes": routes}).encode()
    return Bundle.seal(bundle.manifest, {**bundle.files, "compat.json": content})


def table() -> Bundle:
    return with_routes(tiny_bundle(), ROWS)


def pictures() -> Bundle:
    return with_routes(tiny_image_bundle(), FILE, PIXELS)


def texts() -> Bundle:
    return with_routes(tiny_text_bundle(), QUERY)


@pytest.fixture
def client(hostile, way, row):
    started = hostile(way, table, ("former-service", "kserve", "mlflow"))
    yield started.client
    assert started.client.post(SCORE, json={"rows": [row]}).json() == [44.0]


FROM_A_PAGE = {"origin": "https://here.example", "sec-fetch-site": "same-origin"}


def message(answer) -> str:
    """What is wrong, in whichever server's words; one line, never long."""
    body = answer.json()
    told = body.get("error") or body.get("message") or body.get("detail")
    assert "\n" not in told and len(answer.content) < 2000 and " at 0x" not in told
    return told


@pytest.mark.parametrize(
    ("address", "name"),
    [(address, name) for address in (INFER, INVOKE, SCORE) for name in UNREADABLE],
)
def test_what_cannot_be_read_is_a_400(client, address, name):
    answer = client.post(address, content=UNREADABLE[name], headers=JSON)
    assert answer.status_code == 400 and "not valid JSON" in message(answer)


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_told(client, name):
    address, body, status, words = WRONG[name]
    answer = client.post(address, content=body, headers=JSON)
    assert (answer.status_code, words in message(answer)) == (status, True), answer.text


@pytest.mark.parametrize("name", PICTURES)
def test_numbers_that_are_no_picture_are_told(hostile, way, name):
    body, status, words = PICTURES[name]
    post = hostile(way, pictures, ("former-service",)).client.post
    answer = post("/pixels", content=body, headers=JSON)
    assert (answer.status_code, words in message(answer)) == (status, True), answer.text
    assert post("/pixels", json={"pixels": [1] * 144}).json() == 255.0


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_in_an_address_that_cannot_be_read_is_told(hostile, way, name):
    query, status, words = TEXTS[name]
    get = hostile(way, texts, ("former-service",)).client.get
    answer = get("/review/" + query)
    assert (answer.status_code, words in message(answer)) == (status, True), answer.text
    assert get("/review/?text=good").json() == "positive"


@pytest.mark.parametrize("address", [INFER, INVOKE, SCORE])
@pytest.mark.parametrize("headers", [FROM_A_PAGE, {"content-type": "text/x"}, {**JSON, "content-encoding": "br"}])
def test_another_content_type_is_a_415(client, address, headers):
    assert "send" in message(client.post(address, content=b"{}", headers=headers))
    assert client.post(address, content=b"{}", headers=headers).status_code == 415


BESIDE_NAN = {
    "a lone surrogate": rb'"\udfff"',
    "a text not in UTF-8": b'"\xc3("',
    "more than a number can be": b"-2e308",
    "an infinite number": b"-Infinity",
    "5,000 digits": b"7" * 5000,
    "nested 1,200 deep": b"[" * 1200 + b"]" * 1200,
    "a text without an end": b'"' + b'\\"' * 100_000,
    "a text that ends in a backslash": b'"' + b"a" * 100_000 + b"\\",
}


@pytest.mark.parametrize("name", BESIDE_NAN)
@pytest.mark.parametrize("address", [INFER, INVOKE, "/v1/models/tiny:predict"])
def test_beside_an_absent_number_json_is_as_strict_as_without_it(client, address, name):
    tensors = b'{"inputs": [%s, %s]}' % (TENSOR % (b"1", BESIDE_NAN[name]), TENSOR % (b"1", b"NaN"))
    row = b'{"instances": [{"age": NaN, "sex": "m", "hours": %s}]}' % BESIDE_NAN[name]
    beside = tensors if address == INFER else row
    told = [
        message(client.post(address, content=body, headers=JSON)) for body in (beside, beside.replace(b"NaN", b"null"))
    ]
    assert told[0].partition("(byte")[0] == told[1].partition("(byte")[0]
    assert "Python" not in told[0] and "sys." not in told[0]


@pytest.mark.parametrize("name", ["%2e%2e", "%2e%2e%2fetc", "a%00b", "%ff", "x" * 5000])
def test_a_model_of_another_name_is_not_looked_for_anywhere(client, name):
    for address in (f"/v2/models/{name}", f"/v2/models/tiny/versions/{name}/ready"):
        assert client.get(address).status_code == 404
