"""Receiving a request's body: bounded in bytes and in time, whatever the client says or does."""

import asyncio

from starlette.requests import Request

from omloop.serve.limits import Limits
from omloop.serve.refusal import Refusal

_CLOSE = {"Connection": "close"}


async def receive(request: Request, limits: Limits) -> bytes:
    """The whole body; raises Refusal: 413 when it is too long, 408 when it does not come in time."""
    declared = request.headers.get("content-length", "")
    too_long = declared.isdigit() and int(declared) > limits.body_bytes
    if too_long and request.headers.get("expect"):
        raise _too_long(limits)
    try:
        async with asyncio.timeout(limits.body_s):
            return await _collect(request, limits)
    except TimeoutError as error:
        late = f"the body did not arrive within {limits.body_s:g} s; send it at once"
        raise Refusal(408, late, headers=_CLOSE) from error


async def _collect(request: Request, limits: Limits) -> bytes:
    chunks, received = [], 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= limits.body_bytes:
            chunks.append(chunk)
        elif received > 16 * limits.body_bytes:
            break
        else:
            # Read on for a while: a client cut off while it still sends sees a broken connection, not the answer.
            chunks.clear()
    if received > limits.body_bytes:
        raise _too_long(limits)
    return b"".join(chunks)


def _too_long(limits: Limits) -> Refusal:
    message = f"the body is longer than {limits.body_bytes:,} bytes; send fewer rows a request"
    return Refusal(413, message, headers=_CLOSE)


def media_type(request: Request, accepted: tuple[str, ...]) -> str:
    """The body's content type without its parameters; raises Refusal 415 with what would have worked."""
    works = " or ".join(accepted)
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise Refusal(415, f"the content encoding '{encoding:.40}' is not accepted; send the body as it is")
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not given:
        raise Refusal(415, f"the request has no content type; send {works}")
    if given not in accepted:
        raise Refusal(415, f"the content type '{given:.80}' is not accepted; send {works}")
    return given
