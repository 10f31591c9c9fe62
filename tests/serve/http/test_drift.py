"""`GET /v1/drift` on a real server: what a watch told last, whatever keeps it."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from omloop.core import StoreError
from omloop.report import drift_page
from omloop.serve import Champion, LastLook, ServerOptions, create_app, running
from omloop.serve.http import drift
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

TOLD = {"project": "toy", "version": "0a1b2c", "drift": True, "verdict": "it hurts", "columns": [{"column": "<b>age"}]}


@contextlib.contextmanager
def telling(read: Callable[[], Any]) -> Iterator[httpx.Client]:
    champion, ids = Champion(MemoryVersions(tiny_bundle()), threads=1), itertools.count()
    options = ServerOptions(look=LastLook(read, drift_page))
    app = create_app(champion, MemoryPredictions(), new_id=lambda: str(next(ids)), options=options)
    with running(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def test_programs_get_json_and_browsers_a_page_with_all_text_escaped() -> None:
    with telling(lambda: TOLD) as client:
        answer = client.get("/v1/drift")
        assert answer.json() == TOLD and answer.headers["content-type"] == "application/json"
        page = client.get("/v1/drift", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert page.headers["content-type"] == "text/html; charset=utf-8" and page.headers["vary"] == "Accept"
        assert "1 column moved; it hurts" in page.text
        assert "&lt;b&gt;age" in page.text and "<b>age" not in page.text
        assert "script" not in page.headers["content-security-policy"]
        assert client.head("/v1/drift").status_code == 200
        assert client.post("/v1/drift").status_code == 405
        document = client.get("/openapi.json").json()["paths"]["/v1/drift"]["get"]["responses"]
        assert set(document["200"]["content"]) == {"application/json", "text/html"}


def test_before_the_first_look_the_answer_says_what_to_do() -> None:
    with telling(lambda: None) as client:
        answer = client.get("/v1/drift", headers={"Accept": "text/html"})
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"
        assert "omloop watch NAME --once" in answer.json()["error"]["message"]


def test_it_is_read_once_for_many_who_ask() -> None:
    reads: list[int] = []

    def read() -> dict[str, object]:
        reads.append(1)
        return TOLD

    with telling(read) as client:
        assert [client.get("/v1/drift").status_code for _ in range(20)] == [200] * 20
    assert reads == [1]


def test_a_store_that_is_away_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> None:
        raise StoreError("Cannot read gs://secret/toy/drift.json.")

    with telling(read) as client:
        answer = client.get("/v1/drift")
        assert answer.status_code == 503 and "secret" not in answer.text and answer.headers["retry-after"]


def test_a_store_that_does_not_answer_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "WAIT_S", 0.05)
    go_on = threading.Event()

    def read() -> dict[str, object]:
        assert go_on.wait(20)
        return TOLD

    with telling(read) as client:
        assert [client.get("/v1/drift").status_code for _ in range(2)] == [503, 503]
        assert client.get("/readyz").status_code == 200
        go_on.set()
        monkeypatch.setattr(drift, "WAIT_S", 20.0)
        assert client.get("/v1/drift").json() == TOLD


def test_the_verdict_is_among_the_metrics_as_soon_as_it_was_read() -> None:
    told = {**TOLD, "hurt": False, "broken": ["age is constant"], "time": "2026-11-30T03:00:00Z"}
    with telling(lambda: told) as client:
        assert "omloop_drift" not in client.get("/metrics").text  # which waits for no store
        client.get("/v1/drift")
        lines = client.get("/metrics").text.splitlines()
    assert {"omloop_drift 1", "omloop_loss 0", "omloop_broken_data 1", "omloop_watch_time_seconds 1796007600"} <= set(
        lines
    )
