"""The routes of the workspace as one ASGI application."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omloop.core import OmloopError, user_name
from omloop.loop.serving.guarding import guard_of
from omloop.loop.steer.caches import Caches
from omloop.loop.steer.errors import refusal_of
from omloop.loop.steer.known_projects import require_project
from omloop.loop.steer.request import Content, SteerRequest
from omloop.loop.steer.route import SteerRoute, role_of_method
from omloop.loop.steer.table import routes
from omloop.serve.http.request_id import request_id, request_id_of
from omloop.serve.refusal import Refusal, internal_error

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from omloop.loop.workspace import Workspace
    from omloop.serve.access.guard import Guard

PREFIX = "/api/v1"
MOST_BODY = 65_536
"""Bytes of a body: a version, a reason and little more."""
REFRESH_S = 1.0
"""How often to check whether the keys changed, as a server does."""
NOT_WRITABLE = (
    "this page can be reached from other machines and asks for no key, so it changes nothing. Make a key with: "
    "omloop key new --role admin; or let the page listen on 127.0.0.1"
)
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_log = logging.getLogger("omloop.steer")


def create_routes(workspace: Workspace, guard: Guard | None = None, *, by: str = "", writable: bool = True) -> Steering:
    """The application that answers `/api/v1/...` for a workspace; close it after use.

    `guard` says who may ask, by default as the settings do. `by` signs changes if nobody needs a key; by default it is
    the owner of this process. An app that others reach without keys is not `writable`.
    """
    guard = guard or guard_of(workspace.settings, workspace.root)
    return Steering(workspace, guard, by or user_name(), writable=writable)


class Steering:
    """The application: it checks the caller first, and turns an error of any kind into an answer."""

    def __init__(self, workspace: Workspace, guard: Guard, by: str, *, writable: bool) -> None:
        self._workspace, self._guard, self._by, self._writable = workspace, guard, by, writable
        self._caches = Caches()
        self._looked = time.monotonic()
        self._app = Starlette(
            routes=[Route(f"{PREFIX}{one.path}", self._endpoint(one), methods=[one.method]) for one in routes()],
            exception_handlers={Refusal: _refused, HTTPException: _no_route},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(scope)
        except Refusal as refusal:
            await _response(refusal, scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def close(self) -> None:
        """Release the open logs; a later request opens them again."""
        self._caches.close()

    async def _admit(self, scope: Scope) -> None:
        if time.monotonic() - self._looked >= REFRESH_S:
            self._looked = time.monotonic()
            await asyncio.to_thread(self._guard.refresh)
        role, client = role_of_method(scope["method"]), (scope.get("client") or ("",))[0]
        caller = await self._guard.admit(role, scope["headers"], client)
        why_not = "" if caller is not None or self._writable else NOT_WRITABLE
        if caller is not None and not caller.may(role_of_method("POST")):
            why_not = "the key may read alone; changes need one with the role 'admin'"
        scope["omloop.by"], scope["omloop.why_not"] = caller.name if caller else self._by, why_not
        if why_not and role != role_of_method("GET"):
            raise Refusal(403, why_not)

    def _endpoint(self, route: SteerRoute) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            given = SteerRequest(
                workspace=self._workspace,
                caches=self._caches,
                by=request.scope["omloop.by"],
                path=request.path_params,
                query=dict(request.query_params),
                lists={name: request.query_params.getlist(name) for name in request.query_params},
                body={} if route.method == "GET" else await _body(request),
                why_not=request.scope["omloop.why_not"],
            )
            return await asyncio.to_thread(self._answer, route, given)

        return endpoint

    def _answer(self, route: SteerRoute, request: SteerRequest) -> Response:
        try:
            if "project" in request.path:
                require_project(request)
            found = route.answer(request)
        except Refusal:
            raise
        except OmloopError as error:
            raise refusal_of(error, self._workspace.settings) from error
        except Exception as error:
            fault = request_id()
            _log.exception("fault %s at %s %s", fault, route.method, route.path)
            raise internal_error(fault) from error
        if isinstance(found, Content):
            return Response(found.content, headers={**_HEADERS, **found.headers}, media_type=found.media_type)
        return _json(found)


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; raises Refusal for another body."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Refusal(415, f"the body is JSON: send Content-Type: application/json, not '{media:.40}'")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BODY:
            raise Refusal(413, f"the body has more than {MOST_BODY:,} bytes")
    try:
        found = orjson.loads(content or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"the body is not JSON: {error}", code="unreadable") from error
    if not isinstance(found, dict):
        raise Refusal(422, "the body is a JSON object")
    return found


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON value as an answer; numbers that JSON has not become null."""
    content = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return Response(content, status, {**_HEADERS, **(headers or {})}, media_type="application/json")


def _response(refusal: Refusal, scope: Scope) -> Response:
    return _json(refusal.body(request_id_of(scope["headers"])), refusal.status, dict(refusal.headers or {}))


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101  it is registered for this alone
    return _response(refusal, request.scope)


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for this alone
    if error.status_code == 405:
        told = f"{request.url.path:.200} is not asked by {request.method:.10}"
        return _response(Refusal(405, told, headers=dict(error.headers or {})), request.scope)
    told = f"there is no address {request.url.path:.200}; GET {PREFIX} says what this is"
    return _response(Refusal(404, told), request.scope)
