"""Every sink keeps the contract of sinks."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from omloop.alert.email import EmailSink
from omloop.alert.file import FileSink
from omloop.alert.log import LogSink
from omloop.alert.webhook import WebhookSink
from omloop.testing.sink import Sending, SinkContract

Arrived = Callable[[], Sequence[str]]
Start = Callable[..., AbstractContextManager[Any]]


class TestFile(SinkContract):
    @pytest.fixture
    def raised(self, raised: Any) -> Any:
        return raised

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Sending:
        return FileSink(tmp_path / "alerts.jsonl")

    @pytest.fixture
    def arrived(self, tmp_path: Path) -> Arrived:
        return lambda: (tmp_path / "alerts.jsonl").read_text().splitlines()

    @pytest.fixture
    def broken(self, tmp_path: Path) -> Sending | None:
        return FileSink(tmp_path)


class TestLog(TestFile):
    @pytest.fixture
    def sink(self) -> Sending:
        return LogSink()

    @pytest.fixture
    def arrived(self, caplog: pytest.LogCaptureFixture) -> Arrived:
        return lambda: caplog.messages

    @pytest.fixture
    def broken(self) -> Sending | None:
        return None


class TestWebhook(TestFile):
    @pytest.fixture
    def server(self, hook: Start) -> Iterator[Any]:
        with hook(200) as server:
            yield server

    @pytest.fixture
    def sink(self, server: Any) -> Sending:
        return WebhookSink(server.url, private=True)

    @pytest.fixture
    def arrived(self, server: Any) -> Arrived:
        return lambda: [json.loads(one.body)["text"] for one in server.received]

    @pytest.fixture
    def broken(self, nobody: int) -> Sending | None:
        return WebhookSink(f"http://127.0.0.1:{nobody}/", private=True)


class TestEmail(TestFile):
    @pytest.fixture
    def server(self, post: Start) -> Iterator[Any]:
        with post() as server:
            yield server

    @pytest.fixture
    def sink(self, server: Any) -> Sending:
        return mail(server.port)

    @pytest.fixture
    def arrived(self, server: Any) -> Arrived:
        return lambda: server.messages

    @pytest.fixture
    def broken(self, nobody: int) -> Sending | None:
        return mail(nobody)


def mail(port: int) -> EmailSink:
    return EmailSink(host="127.0.0.1", port=port, sender="a@x", to=("b@x",), security="none")
