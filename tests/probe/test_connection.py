import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from omloop.probe import Answer, BrokenConnection, Target, ask, run

StartStub = Callable[..., AbstractContextManager[Any]]


def get(target: Target, timeout_s: float = 5.0) -> Answer:
    return run(ask(target, target.get("/healthz"), timeout_s=timeout_s))


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
def test_an_answer_is_read_whatever_way_it_is_framed(stub: StartStub, said: bytes) -> None:
    with stub(lambda number, line: said) as server:
        answer = get(server.target)
    assert (answer.status, answer.body) == (200, b"hello") and answer.seconds > 0


@pytest.mark.parametrize("said", [b"", b"good day\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello"])
def test_what_is_not_a_whole_answer_is_told(stub: StartStub, said: bytes) -> None:
    def answer(number: int, line: str) -> bytes:
        return said if number == 0 else b""

    with stub(answer) as server, pytest.raises((BrokenConnection, TimeoutError)):
        get(server.target, timeout_s=0.5)


def test_the_patience_is_for_the_whole_answer_not_for_each_byte(stub: StartStub) -> None:
    def answer(number: int, line: str) -> bytes:
        time.sleep(2)
        return b""

    began = time.monotonic()
    with stub(answer) as server:
        with pytest.raises(TimeoutError):
            get(server.target, timeout_s=0.2)
        assert time.monotonic() - began < 1.9


def test_an_endless_answer_is_cut_off(stub: StartStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omloop.probe.connection.MOST_BYTES", 1000)
    with (
        stub(lambda number, line: b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2000) as server,
        pytest.raises(BrokenConnection, match="longer than 1,000 bytes"),
    ):
        get(server.target)


def test_nobody_there_is_an_os_error(nobody: Target) -> None:
    with pytest.raises(ConnectionRefusedError):
        get(nobody)
