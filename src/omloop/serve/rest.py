"""Everything but predictions, health and metrics: feedback, what serves, one prediction, pages; by FastAPI."""

import functools
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from omloop.core import Predictions, did_you_mean
from omloop.serve.answer.threads import Workers
from omloop.serve.api_page import api_page
from omloop.serve.compat.way import CompatApi
from omloop.serve.compat.ways import COMPAT
from omloop.serve.http.asgi import ID, PREDICT, Front
from omloop.serve.http.middleware import MetricsMiddleware
from omloop.serve.http.replies import json_response, refusal_response
from omloop.serve.http.routes import Routes
from omloop.serve.refusal import Refusal
from omloop.serve.version.serving import Serving

Endpoint = Callable[[Request], Awaitable[Response]]


def create_rest(
    front: Front,
    predictions: Predictions,
    *,
    new_id: Callable[[], str],
    clock: Callable[[], float] = time.time,
    compat: Sequence[str] = (),
) -> FastAPI:
    """The application behind `front`, with the ways of other servers that `compat` names."""
    app = FastAPI(title="omloop", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    workers = Workers(front.limits, front.metrics)
    routes = Routes(front, predictions, workers, clock)
    ways = [COMPAT.load(name)(front) for name in compat]
    templates = _add_routes(app, front, routes, ways)
    app.add_middleware(MetricsMiddleware, metrics=front.metrics, templates=templates, new_id=new_id)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _no_route(sorted({*templates.values(), *_IN_FRONT})))
    return app


# What `front` answers itself, for the list of what there is, and to say how it is asked.
_IN_FRONT = {PREDICT: "POST", "/healthz": "GET", "/readyz": "GET", "/metrics": "GET"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT")


def _add_routes(app: FastAPI, front: Front, routes: Routes, ways: Sequence[CompatApi]) -> dict[Endpoint, str]:
    """Add every route and return the template of each endpoint."""

    async def openapi(request: Request) -> Response:
        return json_response(_with_ways(front.openapi(), ways, front.champion.serving))

    described = functools.cache(api_page)  # made when it is first wanted

    async def docs(request: Request) -> Response:
        page, policy = described()
        return HTMLResponse(page, headers={"Content-Security-Policy": policy})

    async def root(request: Request) -> Response:
        return RedirectResponse("docs")

    table: list[tuple[str, str, Endpoint]] = [
        ("POST", "/v1/feedback", routes.post_feedback),
        ("GET", "/v1/model", routes.get_model),
        ("GET", "/v1/batching", routes.get_batching),
        ("GET", "/v1/predictions/{id}", routes.get_prediction),
        ("GET", "/v1/drift", routes.get_drift),
        ("GET", "/openapi.json", openapi),
        ("GET", "/docs", docs),
    ]
    for method, path, endpoint in table:
        app.add_route(path, endpoint, methods=[method])
    for path, method in _IN_FRONT.items():
        app.add_route(path, _otherwise(method), methods=list(_METHODS))
    for way in ways:
        app.router.routes += way.routes
    app.add_route("/", root, methods=["GET"])  # behind the addresses of other servers, of which some answer there
    own = {root: "/", **{endpoint: path for _, path, endpoint in table}}
    return {**own, **{endpoint: path for way in ways for endpoint, path in way.templates.items()}}


def _with_ways(document: dict[str, Any], ways: Sequence[CompatApi], serving: Serving | None) -> dict[str, Any]:
    """The OpenAPI document with the paths of other servers; of two that have the same address the first answers."""
    paths = dict(document["paths"])
    for way in ways:
        for path, operations in way.paths(serving).items():
            paths[path] = {**operations, **paths.get(path, {})}
    return {**document, "paths": paths}


def _otherwise(method: str) -> Endpoint:
    """The rest of an address that the front answers: a request with another method."""

    async def answer(request: Request) -> Response:
        raise HTTPException(405, headers={"Allow": method})

    return answer


async def _refused(request: Request, error: Any) -> Response:
    return refusal_response(error, request.scope[ID])


def _no_route(paths: list[str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answer an unknown address with the known ones, and a known one asked wrongly with the right way."""

    async def answer(request: Request, error: Any) -> Response:
        asked = f"{request.method:.20} {request.url.path:.80}"
        if error.status_code == 404:
            near = did_you_mean(request.url.path[:80], paths)
            message = f"there is no {asked}.{near} There are: {', '.join(paths)}"
        elif error.status_code == 405:
            allowed = sorted((error.headers or {}).get("Allow", "").split(", "))  # Starlette's order differs by process
            message = f"{asked} is not possible; use {', '.join(allowed) or 'another method'}"
        else:
            message = str(error.detail)
        refusal = Refusal(error.status_code, message, headers=error.headers)
        return refusal_response(refusal, request.scope[ID])

    return answer
