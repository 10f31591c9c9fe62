import asyncio

import pytest

from omloop.serve import Champion, Metrics
from omloop.serve.http.asgi import ID
from omloop.serve.http.middleware import MetricsMiddleware
from omloop.testing.memories import MemoryVersions


def sent_by(app):
    """What a watched application sends for one request."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], ID: "r1"}
    metrics = Metrics()
    asyncio.run(MetricsMiddleware(app, metrics=metrics, templates={}, new_id=lambda: "f1")(scope, None, send))
    return sent, metrics.text(Champion(MemoryVersions()))


async def start_then_fail(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("too late")


async def fail(scope, receive, send):
    raise RuntimeError("no")


def test_a_fault_before_the_answer_is_a_500_with_an_id():
    (head, body), text = sent_by(fail)
    assert head["status"] == 500
    assert b'"id":"f1","request_id":"r1"' in body["body"]
    assert 'omloop_requests_total{route="other",status="500"} 1' in text


def test_a_fault_after_the_answer_began_sends_no_second_one():
    sent, _ = sent_by(start_then_fail)
    assert [message["status"] for message in sent] == [200]


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_passes_through(kind):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(MetricsMiddleware(app, metrics=Metrics(), templates={}, new_id=str)({"type": kind}, None, None))
    assert seen == [kind]
