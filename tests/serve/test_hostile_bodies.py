"""Bodies that are wrong by accident or on purpose: each has a 4xx in JSON, and the next good request works."""

import json
from typing import Any

import pytest

GOOD = {"hours": 1, "age": 20, "sex": "m"}
JSON, CSV = "application/json", "text/csv"

pytestmark = pytest.mark.parametrize("way", ["short", "long"])


def rows(**changes: Any) -> bytes:
    return json.dumps({"rows": [GOOD, {**GOOD, **changes}]}).encode()


def written(value: bytes) -> bytes:
    """A body whose `hours` is written exactly as `value`, whether JSON allows it or not."""
    return b'{"rows": [{"hours": %s, "age": 20, "sex": "m"}]}' % value


def without(name: str) -> bytes:
    return json.dumps({"rows": [{key: value for key, value in GOOD.items() if key != name}]}).encode()


def renamed(old: str, new: str) -> bytes:
    return json.dumps({"rows": [{new if key == old else key: value for key, value in GOOD.items()}]}).encode()


CASES: dict[str, tuple[bytes, str, int, str]] = {
    # name: body, content type, status, field
    "empty": (b"", JSON, 400, ""),
    "only spaces": (b"   ", JSON, 400, ""),
    "not JSON": (b"hours=1", JSON, 400, ""),
    "cut in the middle": (rows()[:30], JSON, 400, ""),
    "two values": (rows() * 2, JSON, 400, ""),
    "a comment": (b"// rows\n" + rows(), JSON, 400, ""),
    "single quotes": (rows().replace(b'"', b"'"), JSON, 400, ""),
    "a trailing comma": (b'{"rows": [],}', JSON, 400, ""),
    "a byte order mark": (b"\xef\xbb\xbf" + rows(), JSON, 400, ""),
    "UTF-16": (rows().decode().encode("utf-16"), JSON, 400, ""),
    "not UTF-8": (rows().replace(b'"m"', b'"\xff"'), JSON, 400, ""),
    "an overlong encoding": (rows().replace(b'"m"', b'"\xc0\x80"'), JSON, 400, ""),
    "a raw surrogate": (rows().replace(b'"m"', b'"\xed\xa0\x80"'), JSON, 400, ""),
    "an escaped lone surrogate": (rows().replace(b'"m"', rb'"\ud800"'), JSON, 400, ""),
    "a lone surrogate as a name": (rows().replace(b'"sex"', rb'"\udfff"'), JSON, 400, ""),
    "a control character": (rows().replace(b'"m"', b'"\x00"'), JSON, 400, ""),
    "random bytes": (bytes(range(256)) * 8, JSON, 400, ""),
    "nested 10,000 deep": (b"[" * 10_000 + b"]" * 10_000, JSON, 400, ""),
    "rows nested 10,000 deep": (b'{"rows":' * 10_000 + b"1" + b"}" * 10_000, JSON, 400, ""),
    "NaN": (written(b"NaN"), JSON, 422, "rows[0].hours"),
    "Infinity": (written(b"Infinity"), JSON, 422, "rows[0].hours"),
    "minus Infinity": (written(b"-Infinity"), JSON, 422, "rows[0].hours"),
    "1e999": (written(b"1e999"), JSON, 422, "rows[0].hours"),
    "a hexadecimal number": (written(b"0x10"), JSON, 400, ""),
    "5,000 digits": (written(b"9" * 5000), JSON, 422, "rows[0].hours"),
    "a null": (b"null", JSON, 422, ""),
    "a number": (b"42", JSON, 422, ""),
    "a text": (b'"rows"', JSON, 422, ""),
    "an array": (b"[]", JSON, 422, ""),
    "an empty object": (b"{}", JSON, 422, ""),
    "another key": (b'{"instances": []}', JSON, 422, ""),
    "a second key": (b'{"rows": [], "debug": true}', JSON, 422, ""),
    "rows are null": (b'{"rows": null}', JSON, 422, ""),
    "rows are an object": (b'{"rows": {"0": {}}}', JSON, 422, ""),
    "rows are a text": (b'{"rows": "all"}', JSON, 422, ""),
    "no row": (b'{"rows": []}', JSON, 422, "rows"),
    "rows given twice": (b'{"rows": [{}], "rows": []}', JSON, 422, "rows"),
    "a row is null": (b'{"rows": [null]}', JSON, 422, "rows[0]"),
    "a row is an array": (b'{"rows": [[1, 20, "m"]]}', JSON, 422, "rows[0]"),
    "a row is a number": (b'{"rows": [1]}', JSON, 422, "rows[0]"),
    "a row is empty": (b'{"rows": [{}]}', JSON, 422, "rows[0].hours"),
    "1e308": (written(b"1e308"), JSON, 422, "rows[0].hours"),
    "400 digits": (written(b"9" * 400), JSON, 422, "rows[0].hours"),
    "a name given twice, wrongly at last": (
        b'{"rows": [{"hours": 1, "hours": "x", "age": 20, "sex": "m"}]}',
        JSON,
        422,
        "rows[0].hours",
    ),
    "a number as text": (rows(hours="1"), JSON, 422, "rows[1].hours"),
    "true for a number": (rows(hours=True), JSON, 422, "rows[1].hours"),
    "null for a number": (rows(hours=None), JSON, 422, "rows[1].hours"),
    "an array for a number": (rows(hours=[1]), JSON, 422, "rows[1].hours"),
    "an object for a number": (rows(hours={"$gt": 0}), JSON, 422, "rows[1].hours"),
    "above the range": (rows(hours=24.5), JSON, 422, "rows[1].hours"),
    "below the range": (rows(hours=-0.1), JSON, 422, "rows[1].hours"),
    "a fraction for an integer": (rows(age=19.5), JSON, 422, "rows[1].age"),
    "a huge integer": (rows(age=2**63), JSON, 422, "rows[1].age"),
    "an unseen category": (rows(sex="x"), JSON, 422, "rows[1].sex"),
    "a category in capitals": (rows(sex="M"), JSON, 422, "rows[1].sex"),
    "a number for a category": (rows(sex=1), JSON, 422, "rows[1].sex"),
    "null for a category": (rows(sex=None), JSON, 422, "rows[1].sex"),
    "an object for a category": (rows(sex={"m": 1}), JSON, 422, "rows[1].sex"),
    "a very long category": (rows(sex="m" * 100_000), JSON, 422, "rows[1].sex"),
    "a missing column": (without("age"), JSON, 422, "rows[0].age"),
    "an extra column": (rows(weight=70), JSON, 422, "rows[1].weight"),
    "a renamed column": (renamed("hours", "huors"), JSON, 422, "rows[0].huors"),
    "a refused column": (rows(passed=1), JSON, 422, "rows[1].passed"),
    "a name from Python": (rows(__class__="x"), JSON, 422, "rows[1].__class__"),
    "an empty CSV": (b"", CSV, 422, ""),
    "a CSV without a row": (b"hours,age,sex\n", CSV, 422, ""),
    "a CSV that is not UTF-8": (b"hours,age,sex\n1,20,\xff\n", CSV, 400, ""),
    "a CSV with an open quote": (b'hours,age,sex\n1,20,"m\n', CSV, 400, ""),
    "a CSV with a NUL": (b"hours,age,sex\n1,20,\x00\n", CSV, 422, "rows[0].sex"),
    "a CSV with a short line": (b"hours,age,sex\n1,20\n", CSV, 422, "rows[0]"),
    "a CSV with a long line": (b"hours,age,sex\n1,20,m,1\n", CSV, 422, "rows[0]"),
    "a CSV with a column twice": (b"hours,hours,sex\n1,1,m\n", CSV, 422, ""),
    "a CSV with another column": (b"hours,age,gender\n1,20,m\n", CSV, 422, "rows[0].gender"),
    "a CSV with NaN": (b"hours,age,sex\nnan,20,m\n", CSV, 422, "rows[0].hours"),
    "a CSV with infinity": (b"hours,age,sex\n1,20,m\ninf,20,m\n", CSV, 422, "rows[1].hours"),
    "a CSV with words": (b"hours,age,sex\nmany,20,m\n", CSV, 422, "rows[0].hours"),
    "JSON sent as CSV": (rows(), CSV, 422, ""),
    "CSV sent as JSON": (b"hours,age,sex\n1,20,m\n", JSON, 400, ""),
    "a picture": (b"\x89PNG\r\n\x1a\n", "image/png", 415, ""),
    "a form": (b"hours=1&age=20&sex=m", "application/x-www-form-urlencoded", 415, ""),
    "a pickle": (b"\x80\x04N.", "application/octet-stream", 415, ""),
    "no content type": (rows(), "", 415, ""),
    "longer than allowed": (b'{"rows": [' + b" " * 1_000_001 + b"]}", JSON, 413, ""),
}

LABELS: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", 400, ""),
    "nested 10,000 deep": (b"[" * 10_000, 400, ""),
    "not UTF-8": (b'{"labels": "\xff"}', 400, ""),
    "an array": (b"[]", 422, ""),
    "another key": (b'{"label": 1}', 422, ""),
    "no label": (b'{"labels": []}', 422, "labels"),
    "labels are an object": (b'{"labels": {}}', 422, "labels"),
    "a label without an id": (b'{"labels": [{"label": 1}]}', 422, "labels[0].id"),
    "an id that is a number": (b'{"labels": [{"id": 1, "label": 1}]}', 422, "labels[0].id"),
    "a label that is null": (b'{"labels": [{"id": "a", "label": null}]}', 422, "labels[0].label"),
    "a label that is true": (b'{"labels": [{"id": "a", "label": true}]}', 422, "labels[0].label"),
    "a label that is text": (b'{"labels": [{"id": "a", "label": "1"}]}', 422, "labels[0].label"),
    "a label that is an object": (b'{"labels": [{"id": "a", "label": {"a": []}}]}', 422, "labels[0].label"),
    "a label out of range": (b'{"labels": [{"id": "a", "label": 1e9}]}', 422, "labels[0].label"),
    "a label of 400 digits": (b'{"labels": [{"id": "a", "label": %s}]}' % (b"9" * 400), 422, "labels[0].label"),
    "a label beyond any number": (b'{"labels": [{"id": "a", "label": -1e400}]}', 422, "labels[0].label"),
    "one key too many": (b'{"labels": [{"id": "a", "label": 1, "by": "me"}]}', 422, "labels[0].by"),
}


@pytest.fixture
def client(hostile, way):
    return hostile(way).client


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_body_is_refused_plainly_and_the_next_good_one_is_answered(client, name):
    body, media, status, field = CASES[name]
    answer = client.post("/v1/predict", content=body, headers={"content-type": media} if media else {})
    error = answer.json()["error"]
    assert (answer.status_code, error.get("field", "")) == (status, field), answer.text
    assert error["message"] and len(answer.content) < 2000
    assert client.post("/v1/predict", json={"rows": [GOOD]}).json()["predictions"][0]["value"] == 44.0


@pytest.mark.parametrize("name", LABELS)
def test_a_hostile_label_is_refused_plainly(client, name):
    body, status, field = LABELS[name]
    answer = client.post("/v1/feedback", content=body, headers={"content-type": JSON})
    assert (answer.status_code, answer.json()["error"].get("field", "")) == (status, field), answer.text
