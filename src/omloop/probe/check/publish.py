"""The monitor's own metrics over HTTP, for a Prometheus that fetches them; on this machine only."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator, Callable

from omloop.core import ServeError
from omloop.probe.check.counts import CONTENT_TYPE

HOST = "127.0.0.1"
HEAD_BYTES = 8192  # as much as most servers take of a head
PATIENCE_S = 5.0  # for a head to come: no scraper on this machine needs long


@contextlib.asynccontextmanager
async def publish_rounds(text: Callable[[], str], port: int) -> AsyncIterator[int]:
    """Answer every GET of /metrics on `port` with `text()` for as long as the context lasts; gives the port, 0 takes a
    free one. Raises ServeError when it cannot listen on the port.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer(head, text))
                await writer.drain()
        writer.close()

    if not 0 <= port <= 65535:  # some event loops take it modulo 65536
        raise ServeError(f"There is no port {port}. Choose one up to 65535 with --metrics-port, or 0 for a free one.")
    try:
        server = await asyncio.start_server(answer, HOST, port, limit=HEAD_BYTES)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "it is taken by another program" if taken else str(error)
        raise ServeError(f"Cannot listen on port {port}: {why}. Choose another with --metrics-port.") from error
    async with server:
        yield server.sockets[0].getsockname()[1]


def _answer(head: bytes, text: Callable[[], str]) -> bytes:
    method, _, rest = head.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    found = method == b"GET" and path == b"/metrics"
    status, body = ("200 OK", text().encode()) if found else ("404 Not Found", b"ask for /metrics\n")
    kind = CONTENT_TYPE if found else "text/plain"
    lines = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return lines.encode() + body
