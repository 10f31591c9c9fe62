"""A request that is sent again under its `Idempotency-Key` gets the first answer, and is recorded once."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from tests.serve.conftest import ROW

from omloop.serve import Refusal
from omloop.serve.http.repeats import CLAIMED_S, KEPT_S, Repeats
from omloop.testing.bundles import tiny_bundle

BODY = json.dumps({"rows": [ROW]}).encode()


def post(server, key, path="/v1/predict", body=BODY):
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return server.client.post(path, content=body, headers=headers)


@pytest.mark.parametrize("way", ["short", "long"])
def test_the_same_request_gets_the_first_answer_and_is_recorded_once(hostile, way):
    server = hostile(way, tiny_bundle, ("mlflow",))
    recorded = server.predictions.count()
    first, again, quoted = post(server, "order-1"), post(server, "order-1"), post(server, '"order-1"')
    assert first.status_code == 200 and "idempotent-replayed" not in first.headers
    assert first.content == again.content == quoted.content
    assert again.headers["idempotent-replayed"] == "true" and server.predictions.count() == recorded + 1
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    theirs = [post(server, "order-2", "/invocations", json.dumps({"dataframe_records": [ROW]})) for _ in range(2)]
    assert theirs[0].json() == theirs[1].json() and server.predictions.count() == recorded + 2


@pytest.mark.parametrize("way", ["short", "long"])
def test_another_body_or_query_is_no_repetition_and_what_failed_is_tried_again(hostile, way):
    server = hostile(way, tiny_bundle, ("mlflow",))
    assert post(server, "a", body=b'{"rows": [{}]}').status_code == 422
    assert post(server, "a").status_code == 200  # the key of what failed is free
    other = [post(server, "a", body=BODY + b" "), post(server, "a", "/v1/predict?proba=false")]
    assert [(one.status_code, one.json()["error"]["code"]) for one in other] == [(422, "idempotency_key_reused")] * 2
    broken = [post(server, key) for key in ("", "two words", "x" * 256, '"')]
    assert [(one.status_code, one.json()["error"]["code"]) for one in broken] == [(400, "invalid_header")] * 4


def test_workers_share_what_was_answered_and_one_of_them_asks(tmp_path: Path):
    one, other = Repeats(tmp_path / "answers"), Repeats(tmp_path / "answers")
    assert one.claim("k", b"digest", 100.0) is None
    with pytest.raises(Refusal) as waits:
        other.claim("k", b"digest", 101.0)
    assert (waits.value.status, waits.value.code) == (409, "idempotency_key_in_use")
    one.settle("k", b"answer", 102.0)
    assert other.claim("k", b"digest", 103.0) == b"answer"
    assert other.claim("k", b"digest", 103.0 + KEPT_S) is None  # it was forgotten
    assert one.claim("k", b"digest", 104.0 + KEPT_S + CLAIMED_S) is None  # whoever claimed it died


def test_of_many_at_once_one_is_first():
    repeats, firsts = Repeats(), []

    def ask():
        try:
            firsts.append(repeats.claim("k", b"digest", 100.0))
        except Refusal as refusal:
            assert refusal.status == 409

    threads = [threading.Thread(target=ask) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert firsts == [None]


def test_the_oldest_answers_make_room():
    repeats = Repeats(most_bytes=100, most_keys=5)
    for number in range(9):
        repeats.claim(f"small {number}", b"digest", 100.0 + number)
        repeats.settle(f"small {number}", b"x", 100.0 + number)
    assert repeats.claim("small 4", b"digest", 110.0) == b"x" and repeats.claim("small 3", b"digest", 110.0) is None
    repeats.claim("large", b"digest", 111.0)
    repeats.settle("large", b"x" * 99, 111.0)
    assert repeats.claim("small 8", b"digest", 112.0) == b"x" and repeats.claim("small 7", b"digest", 112.0) is None


def test_a_store_that_fails_refuses_and_never_loses_an_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    async def fails():
        raise AssertionError("it must not be asked")

    (tmp_path / "answers").mkdir()
    with pytest.raises(Refusal, match="cannot be looked up now") as refused:
        asyncio.run(Repeats(tmp_path / "answers").once({"idempotency-key": "k"}, (b"",), fails))
    assert refused.value.status == 503 and "could not be looked up" in caplog.text
