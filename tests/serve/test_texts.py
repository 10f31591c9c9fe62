from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from omloop.bundle import Session
from omloop.testing.bundles import REVIEW, tiny_text_bundle
from omloop.testing.memories import MemoryVersions

if TYPE_CHECKING:
    from tests.serve.conftest import Serve, Server


@pytest.fixture
def texts(serve_with: "Serve") -> Iterator["Server"]:
    """A server of a model that reads texts: the more of the word `good`, the more positive."""
    with serve_with(MemoryVersions(tiny_text_bundle())) as started:
        yield started


def label(answer: Any) -> str:
    return str(answer.json()["predictions"][0]["label"])


def test_a_text_is_answered_as_json_as_plain_text_and_as_csv(texts: "Server") -> None:
    """The same answer, whatever the envelope; HTML is no part of it."""
    bodies = {
        "application/json": b'{"rows": [{"review": "a good<br />film"}]}',
        "text/plain; charset=utf-8": b"a good film",
        "text/csv": b"review\na good film\n",
    }
    answers = [
        texts.client.post("/v1/predict", content=content, headers={"Content-Type": media})
        for media, content in bodies.items()
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    shares = [answer.json()["predictions"][0]["probabilities"] for answer in answers]
    assert shares == [shares[0]] * 3
    assert label(answers[0]) == "positive"


def test_the_text_is_recorded_as_it_was_understood(texts: "Server") -> None:
    texts.predict({"review": "bad &amp; long"})
    (prediction,) = texts.predictions.window().predictions
    assert prediction.inputs == {"review": "bad & long"}


@pytest.mark.parametrize(
    ("body", "status", "field", "told"),
    [
        (b"", 422, "rows[0].review", "is empty"),
        (b" <br /> ", 422, "rows[0].review", "is empty"),
        (b"x" * 70, 422, "rows[0].review", "has 70 characters"),
        (b"caf\xe9", 400, None, "is not UTF-8 (byte 3)"),
        ("good".encode("utf-16"), 400, None, "holds a zero byte"),
        (b"\x89PNG\r\n\x1a\n\0\0", 400, None, "holds a zero byte"),
        (b"\xff\xfe", 400, None, "is not UTF-8 (byte 0)"),
        (b"good" * 300_000, 413, None, "longer than 1,000,000 bytes"),
    ],
)
def test_a_body_that_is_no_text_is_refused_with_its_reason(
    body: bytes, status: int, field: str | None, told: str, texts: "Server"
) -> None:
    """In one line, and nothing is recorded."""
    answer = texts.client.post("/v1/predict", content=body, headers={"Content-Type": "text/plain"})
    error = answer.json()["error"]
    assert (answer.status_code, error.get("field")) == (status, field)
    assert told in error["message"] and "\n" not in error["message"]
    assert texts.predictions.window().predictions == ()


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        ({"review": ""}, "rows[1].review", "is empty"),
        ({"review": "x" * 70}, "rows[1].review", "has 70 characters"),
        ({"review": 7}, "rows[1].review", "7 is not a text"),
        ({"review": None}, "rows[1].review", "null is not a text"),
        ({}, "rows[1].review", "is missing"),
        ("good", "rows[1]", "must be an object"),
    ],
)
def test_a_row_that_is_no_text_is_refused_with_its_field(row: Any, field: str, told: str, texts: "Server") -> None:
    answer = texts.predict({"review": "good"}, row)
    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field) and told in error["message"]
    assert texts.predictions.window().predictions == ()


def test_rows_of_very_different_lengths_are_answered_as_each_alone(texts: "Server") -> None:
    """Padding changes nothing."""
    rows = [{"review": "good"}, {"review": "good bad " * 6}, {"review": "..."}]
    together = [p["probabilities"] for p in texts.predict(*rows).json()["predictions"]]
    alone = [texts.predict(row).json()["predictions"][0]["probabilities"] for row in rows]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_more_texts_than_one_run_takes_are_answered_in_order() -> None:
    """The graph runs on some hundreds at a time."""
    session = Session.of(tiny_text_bundle(), threads=1)
    examples = REVIEW.parse([{"review": "good" if row % 2 else "bad"} for row in range(1100)])
    assert session.predict(examples).argmax(axis=1).tolist() == [row % 2 for row in range(1100)]


def test_the_api_page_describes_the_text(texts: "Server") -> None:
    document = texts.client.get("/openapi.json").json()
    assert document["components"]["schemas"]["Row"]["properties"]["review"]["maxLength"] == 60
    assert "text/plain" in document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]
