"""Receiving a request's body: bounded in bytes and in time, whatever the client says or does."""

import asyncio

from starlette.requests import Request

from omloop.serve.limits import Limits
from omloop.serve.refusal import Refusal

_CLOSE = {"Connection": "close"}


async def receive(request: Request, limits: Limits, *, most: int | None = None) -> bytes:
    """The whole body of at most `most` bytes (by default `limits.body_bytes`).

    Raises Refusal: 413 when it is too long, 408 when it does not come in time.
    """
    most = limits.body_bytes if most is None else most
    declared = request.headers.get("content-length", "")
    too_long = declared.isdigit() and int(declared) > most
    if too_long and request.headers.get("expect"):
        raise _too_long(most)
    try:
        async with asyncio.timeout(limits.body_s):
            return await _collect(request, most)
    except TimeoutError as error:
        late = f"the body did not arrive within {limits.body_s:g} s; send it at once"
        raise Refusal(408, late, headers=_CLOSE) from error


async def _collect(request: Request, most: int) -> bytes:
    chunks, received = [], 0
    async for chunk in request.stream():
        received += len(chunk)
        if received <= most:
            chunks.append(chunk)
        elif received > 16 * most:
            break
        else:
            # Read on for a while: a client cut off while it still sends sees a broken connection, not the answer.
            chunks.clear()
    if received > most:
        raise _too_long(most)
    return b"".join(chunks)


def _too_long(most: int) -> Refusal:
    message = f"the body is longer than {most:,} bytes; send fewer rows a request"
    return Refusal(413, message, headers=_CLOSE)


def media_type(request: Request, accepted: tuple[str, ...]) -> str:
    """The body's content type with its parameters, such as a form's boundary.

    Raises Refusal 415 with what would have worked.
    """
    works = " or ".join(accepted)
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise Refusal(415, f"the content encoding '{encoding:.40}' is not accepted; send the body as it is")
    whole = request.headers.get("content-type", "").strip()
    given = whole.partition(";")[0].strip().lower()
    if not given:
        raise Refusal(415, f"the request has no content type; send {works}")
    if given not in accepted:
        raise Refusal(415, f"the content type '{given:.80}' is not accepted; send {works}")
    return whole


def most_bytes(media: str, limits: Limits) -> int:
    """How long a body of the content type `media` may be: text is read whole at once, files are not."""
    plain = media.partition(";")[0].strip().lower()
    is_text = plain == "application/json" or plain.startswith("text/")
    return limits.body_bytes if is_text else limits.file_bytes
