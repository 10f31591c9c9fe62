"""Receiving a request: its content type, and its body, bounded in bytes and in time, whatever the client does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omloop.kinds.bodies import is_text
from omloop.serve.answer.budget import Coming, MemoryBudget, full_refusal
from omloop.serve.http.digest import HEADER as DIGEST
from omloop.serve.http.digest import require_digest
from omloop.serve.limits import Limits
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import Receive

CLOSE = {"Connection": "close"}
KEY_CHARACTERS = 128  # of X-Caller-Key, which every record of the log keeps


class ClientGone(Exception):
    """The client left before its request was whole."""


async def receive_body(
    receive: Receive, headers: Mapping[str, str], limits: Limits, budget: MemoryBudget, *, most: int | None = None
) -> bytes:
    """The whole body of at most `most` bytes (by default `limits.body_bytes`); `receive` is ASGI's.

    Raises Refusal: 413 for a body that is too long, and 408 for one that does not come in time. 503 means that `budget`
    has no room for it, 400 that it does not match its `Content-Digest`. Raises Gone if the client left.
    """
    most = limits.body_bytes if most is None else most
    declared = headers.get("content-length", "")
    too_long = declared.isdigit() and int(declared) > most
    if too_long:  # what comes all the same is read and dropped, until the sweep ends the connection
        raise too_long_refusal(most, close="expect" in headers)
    coming = Coming(budget)
    try:
        async with asyncio.timeout(limits.body_s):
            content = await _collect(receive, most, coming)
    except TimeoutError as error:
        raise late_refusal(limits) from error
    finally:
        coming.close()
    if digest := headers.get(DIGEST):
        await asyncio.to_thread(require_digest, digest, content)
    return content


async def _collect(receive: Receive, most: int, coming: Coming) -> bytes:
    chunks: list[bytes] = []
    received, more, fits = 0, True, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        received += len(chunk)
        fits = fits and received <= most and coming.add(len(chunk))
        if fits:
            chunks.append(chunk)
        elif received > 16 * most:
            break
        else:
            # Read on for a while: a client cut off while it still sends sees a broken connection, not the answer.
            chunks.clear()
    if received > most:
        raise too_long_refusal(most)
    if not fits:
        raise full_refusal()
    return b"".join(chunks)


def too_long_refusal(most: int, *, close: bool = True) -> Refusal:
    """The message for a body that is too long."""
    message = f"the body is longer than {most:,} bytes; send fewer rows a request"
    return Refusal(413, message, headers=CLOSE if close else None)


def late_refusal(limits: Limits) -> Refusal:
    """The message for a body that does not come."""
    return Refusal(408, f"the body did not arrive within {limits.body_s:g} s; send it at once", headers=CLOSE)


def media_type(headers: Mapping[str, str], accepted: tuple[str, ...]) -> str:
    """The body's content type with its parameters, such as a form's boundary; names of headers are in lower case.

    Raises Refusal 415 with what would have worked.
    """
    works = " or ".join(accepted)
    encoding = headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise Refusal(415, f"the content encoding '{encoding:.40}' is not accepted; send the body as it is")
    coding = headers.get("transfer-encoding", "chunked").strip().lower()
    if coding != "chunked":
        raise Refusal(415, f"the transfer encoding '{coding:.40}' is not accepted; send the body as it is")
    whole = headers.get("content-type", "").strip()
    given = whole.partition(";")[0].strip().lower()
    if not given:
        raise Refusal(415, f"the request has no content type; send {works}")
    if given not in accepted:
        raise Refusal(415, f"the content type '{given:.80}' is not accepted; send {works}")
    return whole


def most_bytes(media: str, limits: Limits) -> int:
    """The longest body of the content type `media`: readers take text whole, but not files."""
    return limits.body_bytes if is_text(media) else limits.file_bytes


def caller_key(given: str | None) -> str | None:
    """What the caller calls itself or its request, by its header `X-Caller-Key`; None if it says nothing.

    Raises Refusal 400 for one that is too long, or not ASCII.
    """
    if given is None or (given.isascii() and len(given) <= KEY_CHARACTERS):
        return given or None
    told = f"X-Caller-Key is '{given:.40}'; send at most {KEY_CHARACTERS} ASCII characters"
    raise Refusal(400, told, code="invalid_header")


def deadline(headers: Mapping[str, str], arrived: float) -> float:
    """When work on the request must have begun, by its header `X-Request-Timeout-Ms`; infinity without one.

    Raises Refusal 400 for a header that is no number of milliseconds above 0.
    """
    given = headers.get("x-request-timeout-ms")
    if given is None:
        return float("inf")
    if given.isascii() and given.isdigit() and int(given[:12]) > 0:
        return arrived + int(given[:12]) / 1000
    told = f"X-Request-Timeout-Ms is '{given:.40}'; send a whole number of milliseconds above 0"
    raise Refusal(400, told, code="invalid_header")
