"""Protocols of other servers that a server answers beside its own, each by name and off by default.

A way brings routes and their part of the OpenAPI document. Its predictions go through the same engine as our own, with
the same records, limits and refusals. Only the words of requests and answers are the other server's.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from omloop.core import Fault, InputError
from omloop.kinds.json_body import read_json, write_json
from omloop.serve.answer.batching import INLINE_BYTES, no_version
from omloop.serve.answer.budget import full_refusal
from omloop.serve.answer.work import Work
from omloop.serve.compat.coding import MOST_GROWTH, WORTH_BYTES, coding_of, deflate, inflate, wanted_coding
from omloop.serve.http.asgi import ID, Front
from omloop.serve.http.body import ClientGone, caller_key, deadline, media_type, most_bytes, receive_body
from omloop.serve.http.openapi import ANYWHERE, ERROR, refusal_schema
from omloop.serve.http.replies import json_response
from omloop.serve.refusal import CODES, Refusal, refused_input
from omloop.serve.version.serving import Serving

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]
Words = Callable[[Refusal], Mapping[str, object]]

JSON = "application/json"
_STRING = {"type": "string"}
_UNNAMED = ("", "application/x-www-form-urlencoded")
# A text, to its end or that of the body, so that no byte is looked at twice; or the word outside of texts.
_NAN = re.compile(rb'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)|\bNaN\b', re.DOTALL)


@dataclass(frozen=True)
class CompatApi:
    """What another server answers: its routes, the template of each endpoint, and the paths of its document."""

    routes: Sequence[BaseRoute]
    templates: Mapping[Endpoint, str]
    paths: Callable[[Serving | None], dict[str, dict[str, object]]]


@dataclass(frozen=True)
class CompatAnswer:
    """The predictions of one request, as `POST /v1/predict` gives them."""

    version: str
    predictions: list[dict[str, object]]
    milliseconds: float


@dataclass(frozen=True)
class CompatRequest:
    """A request for predictions, whose body is there."""

    headers: Mapping[str, str]
    content: bytes
    media: str
    arrived: float
    request: str = ""


async def receive(
    request: Request, front: Front, accepted: tuple[str, ...], *, headers: Mapping[str, str] | None = None
) -> CompatRequest:
    """The request's body, if it is of an accepted content type and the engine would take it; raises Refusal.

    `headers` are those to read it by, where they are not the request's own.
    """
    arrived = time.perf_counter()
    headers, serving = request.headers if headers is None else headers, serving_of(front)
    with front.door.counting(serving, headers):
        media = media_type(headers, accepted)
    refusal = front.engine.refusal()
    if refusal is not None:
        raise refusal
    most = most_bytes(media, front.limits)
    try:
        with front.door.counting(serving, headers):
            content = await receive_body(request.receive, headers, front.limits, front.engine.budget, most=most)
    except ClientGone as error:
        raise ClientDisconnect from error
    return CompatRequest(headers, content, media, arrived, request.scope[ID])


async def receive_as_sent(
    request: Request, front: Front, accepted: tuple[str, ...], *, media: str = ""
) -> CompatRequest:
    """`receive` for clients that cannot be changed: the body may be compressed, and be of no content type.

    If it has none, or curl's default for `-d`, it counts as the first of `accepted`. That never holds for a browser (it
    sends `Origin`): otherwise any page could send predictions here unasked. `media` is the type, if not that of the
    header.
    """
    headers, serving = dict(request.headers), serving_of(front)
    with front.door.counting(serving, headers):
        coding = coding_of(headers)
    headers.pop("content-encoding", None)
    if media:
        headers["content-type"] = media
    elif _media_of(headers) in _UNNAMED and "origin" not in headers:
        headers["content-type"] = accepted[0]
    asked = await receive(request, front, accepted, headers=headers)
    if not coding:
        return asked
    with front.door.counting(serving, headers):
        return replace(asked, content=await _inflated(front, asked, coding))


async def _inflated(front: Front, asked: CompatRequest, coding: str) -> bytes:
    """The body without its coding, in a thread and within the budget: few bytes can become as many as one may have."""
    budget, most = front.engine.budget, most_bytes(asked.media, front.limits)
    room = min(most, MOST_GROWTH * len(asked.content), budget.total)
    if not budget.has(room):
        raise full_refusal()
    budget.take(room)
    try:
        return await asyncio.to_thread(inflate, asked.content, coding, most)
    finally:
        budget.give(room)


async def as_accepted(request: Request, content: bytes, *, headers: Mapping[str, str], media: str = JSON) -> Response:
    """An answer, compressed where the client accepts that."""
    coding = wanted_coding(request.headers.get("accept-encoding", "")) if len(content) >= WORTH_BYTES else ""
    if not coding:
        return Response(content, headers=dict(headers), media_type=media)
    small = await apart(deflate, content, coding, size=len(content))
    return Response(small, headers={**headers, "Content-Encoding": coding, "Vary": "Accept-Encoding"}, media_type=media)


async def translate_routes(front: Front, asked: CompatRequest, function: Callable[..., T], *args: Any) -> T:
    """The result of `function` for a request in another server's words; its refusals count as refused requests."""
    with front.door.counting(serving_of(front), asked.headers):
        return await apart(function, *args, size=len(asked.content))


async def predict(front: Front, asked: CompatRequest, content: bytes, media: str) -> CompatAnswer:
    """Answer what was `asked`, in our own words: `content` of the type `media`; raises Refusal."""
    until, key = deadline(asked.headers, asked.arrived), caller_key(asked.headers.get("x-caller-key"))
    ask = partial(front.engine.ask, content, media, asked.arrived, until, key=key, request=asked.request)
    work = await front.repeats.once(asked.headers, (media.encode(), content), ask)
    body = await apart(orjson.loads, work.answer, size=len(work.answer))
    if work.status != 200:
        raise _refusal(work, body)
    return CompatAnswer(body["version"], body["predictions"], (time.perf_counter() - asked.arrived) * 1000)


async def apart(function: Callable[..., T], *args: Any, size: int) -> T:
    """The result of `function`, from a thread if it has too many bytes for the event loop."""
    return await asyncio.to_thread(function, *args) if size > INLINE_BYTES else function(*args)


def serving_of(front: Front) -> Serving:
    """The version that serves; raises Refusal 503."""
    if front.champion.serving is None:
        raise no_version(front.champion)
    return front.champion.serving


def decode_json(content: bytes) -> object:
    """A JSON body; raises Refusal 400."""
    try:
        return read_json(content)
    except InputError as error:
        raise refused_input(error) from error


def decoded_as_sent(content: bytes) -> object:
    """`decode_json`, with `NaN` as null: it is no JSON, but what clients in Python write where a value is absent.

    All else is as strict as without it.

    >>> decoded_as_sent(b'[NaN, "NaN"]')
    [None, 'NaN']
    """
    if b"NaN" in content:
        content = _NAN.sub(lambda found: b"null" if found[0] == b"NaN" else found[0], content)
    return decode_json(content)


def rows_body(rows: Sequence[object]) -> bytes:
    """Rows in our own words."""
    return write_json({"rows": rows})


def telling(endpoint: Endpoint, words: Words, *, most: int = 599) -> Endpoint:
    """The endpoint with its refusals in the other server's words; those of 422 become `most`, if that is less."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refusal as refusal:
            status = min(refusal.status, most) if refusal.status == 422 else refusal.status
            more = {"code": refusal.code, "request_id": request.scope[ID]}
            return json_response({**words(refusal), **more}, status=status, headers=refusal.headers)

    return answer


def one_line(refusal: Refusal) -> str:
    """Every fault and its place, in one line."""
    told = [f"{fault.field}: {fault.reason}" for fault in refusal.faults]
    if not told:
        return f"{refusal.field}: {refusal.message}" if refusal.field else refusal.message
    return "; ".join([*told, *([f"and {refusal.more:,} more"] if refusal.more else [])])


def operation(
    summary: str, answer: Mapping[str, object], error: Mapping[str, Any], *statuses: str, **more: object
) -> dict[str, Any]:
    """One operation of the OpenAPI document; `answer` and `error` are schemas, `statuses` its own statuses.

    Requests that reach no endpoint are refused in our words: malformed, too long, too late or too many.
    """
    error = {**error, "properties": {**error["properties"], "code": {"enum": list(CODES)}, "request_id": _STRING}}
    responses: dict[str, object] = {"200": {"description": "The answer.", "content": {JSON: {"schema": dict(answer)}}}}
    for status in sorted({*statuses, *ANYWHERE}):
        responses[status] = refusal_schema(status, {"anyOf": [error, ERROR]} if status in ANYWHERE else error)
    return {"summary": summary, "responses": responses, **more}


def taking(schema: Mapping[str, object], example: object = None, *, media: str = JSON) -> dict[str, Any]:
    """A request's body in the OpenAPI document."""
    shown = {} if example is None else {"example": example}
    return {"required": True, "content": {media: {"schema": dict(schema), **shown}}}


def _media_of(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _refusal(work: Work, body: Mapping[str, Any]) -> Refusal:
    error = body["error"]
    faults = [Fault(one["field"], one["message"]) for one in error.get("faults", ())]
    code, field, message = error["code"], error.get("field", ""), error["message"]
    found = InputError(message, field, faults=faults, more=error.get("more", 0))
    refusal = Refusal(work.status, message, code=code, field=field, headers=work.headers, found=found)
    refusal.fault = error.get("id", "")
    return refusal
