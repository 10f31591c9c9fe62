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


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"x" * 70, b" <br /> "])
def test_a_body_that_is_no_text_is_refused_with_its_reason(body: bytes, texts: "Server") -> None:
    answer = texts.client.post("/v1/predict", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["message"]


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
