"""The addresses and answers of a project's former service, as its file `compat.json` describes them.

The file travels in the bundle, so the routes are those of the version that serves, and another version may have others.
See `omloop.bundle.former_service` for what it says.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import numpy as np
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from omloop.bundle.former_service import EACH, Compat, Route
from omloop.core import DataError, InputError
from omloop.kinds.faults import PlaceFaults
from omloop.kinds.json_body import quote_value
from omloop.kinds.multipart import read_multipart
from omloop.serve.compat.way import (
    JSON,
    CompatAnswer,
    CompatApi,
    CompatRequest,
    apart,
    decode_json,
    one_line,
    operation,
    predict,
    receive,
    rows_body,
    serving_of,
    taking,
    telling,
    translate_routes,
)
from omloop.serve.http.asgi import Front
from omloop.serve.http.openapi import ASKED, HEADERS
from omloop.serve.http.replies import json_response
from omloop.serve.refusal import Refusal, refused_input
from omloop.serve.version.serving import Serving

_FORM = "multipart/form-data"
_FILE = "application/octet-stream"
_ERROR = {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}}
_LARGEST = 1e300
"""Larger integers than floats would be a fault of the reader, not of the picture."""
_BINARY = {"type": "string", "format": "binary"}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_BY_NAME: dict[str, dict[str, object]] = {
    "version": {"type": "string"},
    "project": {"type": "string"},
    "milliseconds": {"type": "number"},
    "id": {"type": "string"},
    "index": {"type": "integer"},
    "confidence": _SHARE,
    "shares": {"type": "array", "items": _SHARE},
    "probabilities": {"type": "object", "additionalProperties": _SHARE},
}

Made = tuple[bytes, str]
"""A request in our own words: a body and its content type."""


def former_service(front: Front) -> CompatApi:
    """The addresses of the project's former service, as its `compat.json` tells them."""
    told = telling(_Service(front).answer, lambda refusal: {"detail": one_line(refusal)})
    return CompatApi([_Routes(front, told)], {told: "former-service"}, _paths)


class _Routes(BaseRoute):
    """Whatever routes the version that serves has in its `compat.json`."""

    def __init__(self, front: Front, endpoint: Callable[[Request], Any]) -> None:
        self._front = front
        self._endpoint = endpoint

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for one of them."""
        serving = self._front.champion.serving
        if scope["type"] != "http" or serving is None or serving.compat is None:
            return Match.NONE, {}
        methods = {route.method for route in serving.compat.routes if route.path == scope["path"]}
        if not methods:
            return Match.NONE, {}
        full = _route_in(serving.compat, scope["path"], scope["method"]) is not None
        return (Match.FULL if full else Match.PARTIAL), {"endpoint": self._endpoint}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it; the endpoint finds the route again, and says so if it went meanwhile."""
        response: Response = await self._endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


class _Service:
    """The endpoint of all of them."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def answer(self, request: Request) -> Response:
        serving = serving_of(self._front)
        compat, route = _route_of(request, serving)
        always = {"project": serving.manifest.project}
        if route.take == "nothing":
            return json_response(compat.plain(route, version=serving.version, **always))
        asked = await self._asked(request, route)
        content, media = await translate_routes(self._front, asked, _MAKE[route.take], asked, route, serving)
        answered = await predict(self._front, asked, content, media)
        return json_response(
            await apart(_filled, compat, route, answered, always, size=100 * len(answered.predictions))
        )

    async def _asked(self, request: Request, route: Route) -> CompatRequest:
        if route.take != "query":
            return await receive(request, self._front, (_FORM if route.take == "file" else JSON,))
        asked = await receive(_as_text(request), self._front, ("text/plain",))
        given = await translate_routes(self._front, asked, _queried, request.scope["query_string"], route)
        return replace(asked, headers=request.headers, content=given.encode())


def _queried(query: bytes, route: Route) -> str:
    """The text that the query has for the route's field; raises Refusal."""
    try:
        found = parse_qs(query.decode(), keep_blank_values=True, errors="strict").get(route.field)
    except UnicodeDecodeError as error:
        raise Refusal(400, "the query is not UTF-8") from error
    given = found[-1] if found else route.default
    if given is None:
        raise Refusal(422, "is missing in the query", field=route.field)
    return given


def _as_text(request: Request) -> Request:
    """The same request with the content type of a text, as one without a body need not name any."""
    headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
    return Request({**request.scope, "headers": [*headers, (b"content-type", b"text/plain")]}, request.receive)


def _route_of(request: Request, serving: Serving) -> tuple[Compat, Route]:
    """The requested route of the serving version; raises HTTPException 404 or 405."""
    path, compat = request.scope["path"], serving.compat
    methods = sorted({route.method for route in compat.routes if route.path == path}) if compat else []
    if compat is None or not methods:
        raise HTTPException(404)
    found = _route_in(compat, path, request.method)
    if found is not None:
        return compat, found
    raise HTTPException(405, headers={"Allow": ", ".join(methods)})


def _route_in(compat: Compat, path: str, method: str) -> Route | None:
    """The route of that address and method. HEAD works for GET routes that give facts, never for those that predict."""
    for route in compat.routes:
        as_get = method == "HEAD" and route.method == "GET" and route.take == "nothing"
        if route.path == path and (route.method == method or as_get):
            return route
    return None


def _file(asked: CompatRequest, route: Route, serving: Serving) -> Made:
    """A form's one file."""
    try:
        files = read_multipart(asked.content, asked.media)
    except InputError as error:
        raise refused_input(error) from error
    named = [content for name, content in files if name == route.field]
    if len(named) != 1:
        raise Refusal(422, f"the form has {len(named)} files of this name; send one", field=route.field)
    return named[0], _FILE


def _given(asked: CompatRequest, route: Route) -> list[Any]:
    body = decode_json(asked.content)
    value = body.get(route.field) if isinstance(body, dict) and set(body) == {route.field} else None
    if not isinstance(value, list):
        raise Refusal(422, f'the body must be an object with one key, {{"{route.field}": [...]}}')
    return value


def _json_rows(asked: CompatRequest, route: Route, serving: Serving) -> Made:
    return rows_body([route.filled(row, serving.kind.fields) for row in _given(asked, route)]), JSON


def _pixels(asked: CompatRequest, route: Route, serving: Serving) -> Made:
    """Numbers as a picture, in the kind's own form."""
    given, wanted = _given(asked, route), int(np.prod(route.shape))
    if len(given) != wanted:
        raise Refusal(422, f"must be a list of {wanted:,} numbers, not of {len(given):,}", field=route.field)
    faults = PlaceFaults()
    for index, value in enumerate(given):
        if type(value) not in (int, float) or abs(value) > _LARGEST:
            faults.add(
                f"{route.field}[{index}]", InputError(f"{quote_value(value)} is not a number that a pixel can be")
            )
    try:
        faults.require_none()
    except InputError as error:
        raise refused_input(error) from error
    try:
        with np.errstate(over="ignore"):
            picture = np.array(given, np.float64).reshape(route.shape) * route.scale
        # What lies beyond 1 by no more than rounding is 1.
        examples = serving.kind.encode({serving.kind.fields[0]: [np.where(abs(picture - 1) < 1e-3, 1.0, picture)]})
    except DataError as error:
        reason = error.reason if isinstance(error, InputError) else str(error)
        raise Refusal(422, f"{reason} (each number counts {route.scale:g} times)", field=route.field) from error
    return rows_body(serving.kind.render(examples)), JSON


def _query(asked: CompatRequest, route: Route, serving: Serving) -> Made:
    return asked.content, asked.media


_MAKE: dict[str, Callable[[CompatRequest, Route, Serving], Made]] = {
    "file": _file,
    "rows": _json_rows,
    "pixels": _pixels,
    "query": _query,
}


def _filled(compat: Compat, route: Route, answered: CompatAnswer, always: Mapping[str, object]) -> Any:
    more = {**always, "version": answered.version, "milliseconds": round(answered.milliseconds, 3)}
    try:
        return compat.fill(route.answer, [compat.facts(prediction, **more) for prediction in answered.predictions])
    except KeyError as error:
        raise Refusal(503, "another version was swapped in, which answers otherwise; send it again") from error


def _paths(serving: Serving | None) -> dict[str, dict[str, object]]:
    """The part of the OpenAPI document: what the version that serves has."""
    paths: dict[str, dict[str, object]] = {}
    if serving is None or serving.compat is None:
        return paths
    for route in serving.compat.routes:
        answer = _schema(route.answer, serving)
        statuses = () if route.take == "nothing" else ASKED
        told = operation("The service before omloop", answer, _ERROR, *statuses, **_request(route, serving))
        paths.setdefault(route.path, {})[route.method.lower()] = told
    return paths


def _request(route: Route, serving: Serving) -> dict[str, object]:
    field = route.field
    if route.take == "nothing":
        return {}
    if route.take == "query":
        schema = {"type": "string"} | ({} if route.default is None else {"default": route.default})
        named = {"name": field, "in": "query", "required": route.default is None, "schema": schema}
        return {"parameters": [named, *HEADERS]}
    if route.take == "file":
        form = {"type": "object", "required": [field], "properties": {field: _BINARY}}
        return {"parameters": HEADERS, "requestBody": taking(form, media=_FORM)}
    count = int(np.prod(route.shape))
    numbers = {"type": "array", "minItems": count, "maxItems": count, "items": {"type": "number"}}
    rows = {"type": "array", "minItems": 1, "items": _row(route, serving)}
    listed = numbers if route.take == "pixels" else rows
    body = {"type": "object", "required": [field], "properties": {field: listed}, "additionalProperties": False}
    return {"parameters": HEADERS, "requestBody": taking(body)}


def _row(route: Route, serving: Serving) -> dict[str, object]:
    """A row's schema; filled-in columns may be missing."""
    row = serving.kind.schema()
    defaults = {name: {"default": value} for name, value in route.fill.items() if name in row["properties"]}
    properties = {name: {**schema, **defaults.get(name, {})} for name, schema in row["properties"].items()}
    return {**row, "properties": properties, "required": [name for name in row["required"] if name not in defaults]}


def _schema(template: object, serving: Serving) -> dict[str, object]:
    """JSON schema of what a template becomes."""
    if isinstance(template, dict):
        if template.keys() == {EACH}:
            return {"type": "array", "items": _schema(template[EACH], serving)}
        properties = {key: _schema(value, serving) for key, value in template.items()}
        return {"type": "object", "required": list(properties), "properties": properties}
    if isinstance(template, list):
        items = [_schema(value, serving) for value in template]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if not (isinstance(template, str) and template.startswith("$")):
        return {"const": template}
    name, _, part = template[1:].partition(".")
    if part:
        return _SHARE
    ours: dict[str, dict[str, Any]] = {**serving.output.schema()["properties"], **serving.kind.remarks_schema}
    if name == "label" and serving.compat is not None:
        return {"enum": [serving.compat.labels.get(label, label) for label in ours[name]["enum"]]}
    return _BY_NAME.get(name) or ours.get(name, {})
