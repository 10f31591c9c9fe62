"""A webhook: signed, plain for a chat, and never followed elsewhere."""

import hashlib
import hmac
import json
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from omloop.alert import Alert, signature
from omloop.alert import webhook as module
from omloop.alert.webhook import WebhookSink
from omloop.core import OmloopError

StartHook = Callable[..., AbstractContextManager[Any]]


def test_a_receiver_can_tell_that_the_sender_knows_the_secret(
    hook: StartHook, raised: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    with hook(200) as server:
        WebhookSink(server.url, "", "HOOK_SECRET", private=True).send(raised)
    (one,) = server.received
    moment = one.headers["X-Omloop-Timestamp"]
    expected = hmac.new(b"s3cret", b"v0:" + moment.encode() + b":" + one.body, hashlib.sha256).hexdigest()
    assert one.headers["X-Omloop-Signature"] == f"v0={expected}" == signature("s3cret", moment, one.body)
    assert abs(int(moment) - time.time()) < 60
    assert signature("s3cret", moment, one.body + b" ") != f"v0={expected}"


def test_what_is_sent_has_a_text_for_a_chat_and_every_field(hook: StartHook, raised: Alert) -> None:
    with hook(204) as server:
        WebhookSink(server.url, private=True).send(raised)
    (one,) = server.received
    said = json.loads(one.body)
    assert said["text"].startswith("rides: slow is raised (critical): latency.p99_ms is 61.5, above 50")
    assert (said["id"], said["state"], said["value"]) == (raised.id, "raised", 61.5)
    assert said["since"] == "2025-11-21T01:53:20.000Z"
    assert one.headers["Content-Type"] == "application/json" and "X-Omloop-Signature" not in one.headers
    assert one.headers["Idempotency-Key"] == "0123456789abcdef-raised"


def test_what_a_chat_would_take_for_a_command_is_escaped(hook: StartHook, raised: Alert) -> None:
    with hook(200) as server:
        WebhookSink(server.url, private=True).send(replace(raised, detail="<!channel> & more"))
    assert "&lt;!channel&gt; &amp; more" in json.loads(server.received[0].body)["text"]


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_any_other_answer_is_a_failure(status: int, hook: StartHook, raised: Alert) -> None:
    with hook(status) as server, pytest.raises(OmloopError, match=f"127.0.0.1:\\d+ answered {status}"):
        WebhookSink(server.url, private=True).send(raised)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, hook: StartHook, raised: Alert) -> None:
    with hook(200) as elsewhere, hook(status, location=elsewhere.url) as server:
        with pytest.raises(OmloopError, match="a redirect, which is not followed"):
            WebhookSink(server.url, private=True).send(raised)
        assert elsewhere.received == []


def test_a_server_that_closes_hangs_or_is_not_there_is_a_failure(
    hook: StartHook, raised: Alert, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
    with hook(None) as server, pytest.raises(OmloopError, match="cannot be reached: RemoteDisconnected"):
        WebhookSink(server.url, private=True).send(raised)
    with hook(0) as server, pytest.raises(OmloopError, match="cannot be reached: TimeoutError"):
        WebhookSink(server.url, private=True).send(raised)
    with pytest.raises(OmloopError, match=r"cannot be reached: Connection refused|cannot be reached: Conn"):
        WebhookSink(f"http://127.0.0.1:{nobody}/", private=True).send(raised)


def test_no_error_shows_the_address_or_the_secret(
    hook: StartHook, raised: Alert, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    here = f"127.0.0.1:{nobody}"
    urls = [
        f"http://{here}/T0KEN",
        f"http://me:T0KEN@{here}/",
        "http://no host/T0KEN",
        "file:///T0KEN",
        "http://[::T0KEN",
    ]
    for url in [*urls, "http://h:T0KEN/", "T0KEN"]:
        monkeypatch.setenv("HOOK_URL", url)
        sink = WebhookSink("", "HOOK_URL", "HOOK_SECRET", private=True)
        with pytest.raises(OmloopError) as found:
            sink.send(raised)
        shown = "".join(traceback.format_exception_only(found.value)) + repr(sink)
        assert "T0KEN" not in shown and "s3cret" not in shown


def test_a_variable_that_is_not_set_is_named(raised: Alert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK_URL", raising=False)
    with pytest.raises(OmloopError, match="the environment variable HOOK_URL is not set"):
        WebhookSink(url_variable="HOOK_URL").send(raised)
