"""One kept-alive connection to a server, cheap enough for a load test: httptools parses, without a task."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

import httptools

from omloop.probe.target import Target

MOST_BYTES = 16_000_000
"""Of an answer: a server that never ends one must not fill the memory of who asks."""


class BrokenConnection(OSError):
    """The connection ended, or what came is no HTTP, before the answer was whole."""


@dataclass(frozen=True)
class Answer:
    """A server's answer, and the seconds that it took, with the making of the connection."""

    status: int
    body: bytes
    seconds: float


class ProbeConnection(asyncio.Protocol):
    """Sends one request after the other.

    `answered` gets the status of each answer. `lost` gets, once, the reason why the connection is of no use any more.
    The connection keeps bodies only where `keep` asks for it.
    """

    def __init__(
        self,
        answered: Callable[[ProbeConnection, int], None],
        lost: Callable[[ProbeConnection, str], None],
        keep: bool = False,
    ) -> None:
        self._answered = answered
        self._lost = lost
        self._keep = keep
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self.body = bytearray()
        self.usable = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the server."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes) -> None:
        """Send one request; the answer to the one before must have come."""
        self.body.clear()
        if self._transport is not None:  # there is one from the moment that `connect` gives the connection
            self._transport.write(request)

    def close(self) -> None:
        """End the connection at once, and tell nobody."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._end(f"the answer is no HTTP ({error})")

    def on_body(self, body: bytes) -> None:
        """Keep a part of a body if somebody asked for bodies."""
        if self._keep:
            self.body += body
            if len(self.body) > MOST_BYTES:
                self._end(f"the answer is longer than {MOST_BYTES:,} bytes")

    def on_message_complete(self) -> None:
        """Tell of an answer that has come as a whole."""
        status = self._parser.get_status_code()
        if status < 200 or not self.usable:  # 1xx: the answer is still to come
            return
        if not self._parser.should_keep_alive():
            self.close()
        self._answered(self, status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the end, unless it was ours."""
        self._end(f"the connection ended ({exc})" if exc else "the connection was closed")

    def _end(self, reason: str) -> None:
        if self.usable:
            self.close()
            self._lost(self, reason)


async def connect(
    target: Target,
    answered: Callable[[ProbeConnection, int], None],
    lost: Callable[[ProbeConnection, str], None],
    *,
    keep: bool = False,
) -> ProbeConnection:
    """A connection to `target`; raises OSError when there is none to be had."""
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: ProbeConnection(answered, lost, keep),
        target.host,
        target.port,
        ssl=_trusted() if target.secure else None,
    )
    return connection


async def ask(target: Target, request: bytes, *, timeout_s: float) -> Answer:
    """The answer to one request over a connection of its own.

    Raises TimeoutError if it is incomplete after `timeout_s` seconds, and Broken if it ends before that. Raises another
    OSError if nobody listens.
    """
    came: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def answered(_: ProbeConnection, status: int) -> None:
        if not came.done():
            came.set_result(status)

    def lost(_: ProbeConnection, reason: str) -> None:
        if not came.done():
            came.set_exception(BrokenConnection(reason))

    began = time.perf_counter()
    async with asyncio.timeout(timeout_s):
        connection = await connect(target, answered, lost, keep=True)
        try:
            connection.send(request)
            status = await came
        finally:
            connection.close()
    return Answer(status, bytes(connection.body), time.perf_counter() - began)


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates to trust: the system's. Reading them takes longer than many an answer."""
    return ssl.create_default_context()
