"""Everything that is wrong with a request is named, in its order and within a bound; no other library's words are."""

import base64
import json
import math
import re

import pytest

from omloop.testing.bundles import tiny_bundle, tiny_image_bundle

pytestmark = pytest.mark.parametrize("way", ["short", "long"])
JSON = {"Content-Type": "application/json"}
ODD = [True, None, [], {"a": [None]}, "", "x" * 300, 1e308, 10**400, -1, 0.5, "nan", {"$gt": math.pi}, ["m"], "\u0000"]
THEIRS = re.compile(r"\b(None|True|False|NoneType|dict|str|int|float|bool|Expected|msgspec|orjson|Traceback)\b")
TENSORS = '{"inputs": [{"name": "hours", "shape": [1], "datatype": "FP64", "data": [%s]}]}'


def faults(answer) -> list[str]:
    return [one["field"] for one in answer.json()["error"]["faults"]]


def test_every_fault_of_a_row_is_named_in_its_order(hostile, way):
    answer = hostile(way).predict({"hours": "1", "weight": 3, "sex": "q"})
    assert faults(answer) == ["rows[0].weight", "rows[0].hours", "rows[0].age", "rows[0].sex"]
    assert answer.json()["error"]["field"] == "rows[0].weight"


def test_a_csv_names_its_faults_as_json_does(hostile, way):
    body = b"hours,age,sex\n99,20,m\n1,20\n1,2.5,z\n"
    answer = hostile(way).client.post("/v1/predict", content=body, headers={"Content-Type": "text/csv"})
    assert faults(answer) == ["rows[0].hours", "rows[1]", "rows[2].age", "rows[2].sex"]
    head = hostile(way).client.post("/v1/predict", content=b"a,b\n1,2\n", headers={"Content-Type": "text/csv"})
    assert [one.partition(".")[2] for one in faults(head)] == ["a", "b", "hours", "age", "sex"]


def test_beyond_ten_faults_are_counted(hostile, way):
    answer = hostile(way).predict(*[{"hours": "1", "age": True, "sex": 1}] * 400, 7)
    assert len(faults(answer)) == 10 and answer.json()["error"]["more"] == 1201 - 10
    assert len(answer.content) < 3000


def test_broken_pictures_are_named_together(hostile, way):
    server = hostile(way, tiny_image_bundle)
    bad = base64.b64encode(b"\x89PNG").decode()
    assert faults(server.predict({"image": bad}, {"image": bad})) == ["rows[0].image", "rows[1].image"]
    form = server.client.post("/v1/predict", files=[("image", ("a", b"x")), ("image", ("b", b"GIF89a"))])
    assert (form.status_code, faults(form)) == (422, ["rows[0].image", "rows[1].image"])


def test_wrong_labels_are_named_together(hostile, way):
    labels = [{"id": 3, "label": "x"}, 5, {"label": 1}]
    answer = hostile(way).client.post("/v1/feedback", json={"labels": labels})
    assert faults(answer) == ["labels[0].id", "labels[0].label", "labels[1]", "labels[2].id"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1E+99999", "NaN", "-Infinity"])
def test_a_number_that_nothing_holds_is_named_by_every_way_in(hostile, way, number):
    """NaN stands for an absent value in what MLflow's client writes, and no column here may be absent."""
    post = hostile(way, tiny_bundle, ("kserve", "mlflow")).client.post
    row = json.dumps({"hours": 0, "age": 20, "sex": "m"}).replace("0", number, 1)
    ours = post("/v1/predict", content=f'{{"rows": [{row}]}}', headers=JSON)
    assert (ours.status_code, ours.json()["error"]["field"]) == (422, "rows[0].hours")
    theirs = post("/invocations", content=f'{{"instances": [{row}]}}', headers=JSON)
    tensor = post("/v2/models/tiny/infer", content=TENSORS % number, headers=JSON)
    lines = post("/v1/predict", content=f"hours,age,sex\n{number},20,m\n", headers={"Content-Type": "text/csv"})
    for answer in (theirs, tensor, lines):
        assert answer.status_code in (400, 422) and answer.json()["request_id" if answer is not lines else "error"]
        assert "rows[0].hours" in answer.text


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
def test_no_word_of_a_library_is_in_an_answer(hostile, way, odd):
    post = hostile(way, tiny_bundle, ("kserve", "mlflow")).client.post
    row, pictures = {"hours": 1, "age": 20, "sex": "m"}, hostile(way, tiny_image_bundle).client.post
    bodies = [("/v1/predict", {"rows": [{**row, name: odd}]}) for name in row]
    bodies += [("/v1/predict", {"rows": odd}), ("/v1/predict", {"rows": [odd]}), ("/v1/predict", odd)]
    bodies += [("/v1/feedback", body) for body in ({"labels": odd}, {"labels": [odd]}, odd)]
    bodies += [("/v1/feedback", {"labels": [{"id": odd, "label": 1}, {"id": "a", "label": odd}]})]
    bodies += [
        ("/invocations", {form: odd}) for form in ("instances", "inputs", "dataframe_split", "dataframe_records")
    ]
    bodies += [("/v2/models/tiny/infer", json.loads(TENSORS % json.dumps(odd)))]
    answers = [post(path, content=json.dumps(body), headers=JSON) for path, body in bodies]
    answers.append(pictures("/v1/predict", content=json.dumps({"rows": [{"image": odd}]}), headers=JSON))
    told = [answer.text for answer in answers if answer.status_code != 200]
    assert told and not [text for text in told if THEIRS.search(text)]


@pytest.mark.parametrize("body", [b'{"rows": [1', b"[" * 9_000, b'{"a": \xff}', b"{,}", b'"\\ud800"', b"1" * 6_000])
def test_a_body_that_is_no_json_is_told_in_plain_words(hostile, way, body):
    answer = hostile(way).client.post("/v1/predict", content=body, headers=JSON)
    assert not re.search("recursion|codec|Input data|malformed|sys|set_int", answer.text), answer.text
