"""The application: routes, what surrounds them, and the task that looks for a new champion."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import resources
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from omloop.core import Predictions, did_you_mean
from omloop.serve.champion import Champion
from omloop.serve.limits import Limits
from omloop.serve.metrics import Metrics
from omloop.serve.openapi import document
from omloop.serve.predict import Predict
from omloop.serve.refusal import Refusal, json_response
from omloop.serve.routes import Routes
from omloop.serve.watched import Watched
from omloop.serve.workers import Workers

Endpoint = Callable[[Request], Awaitable[Response]]

# The page is all in one file: a browser that is told so fetches nothing from anywhere else.
_ONLY_HERE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(
    champion: Champion,
    predictions: Predictions,
    *,
    new_id: Callable[[], str],
    limits: Limits | None = None,
    clock: Callable[[], float] = time.time,
    poll_s: float = 0.5,
) -> FastAPI:
    """The server of one project as an ASGI application.

    `new_id` names a prediction, uniquely and sorted by time. While the application runs it asks `champion` to refresh
    every `poll_s` seconds. Closing `predictions` is left to whoever opened them.
    """
    limits = limits or Limits()
    metrics = Metrics()
    workers = Workers(limits, metrics)
    app = _Application(champion, lifespan=_lifespan(champion, workers, poll_s))
    app.state.draining = False
    predict = Predict(predictions, limits, metrics, new_id, clock)
    routes = Routes(
        champion, predictions, predict, limits, metrics, workers, clock, draining=lambda: app.state.draining is True
    )
    templates = _add_routes(app, routes)
    app.add_middleware(Watched, metrics=metrics, templates=templates, new_id=new_id)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _no_route(sorted(set(templates.values()))))
    return app


class _Application(FastAPI):
    """FastAPI with an OpenAPI document that follows the champion instead of the annotations of our functions."""

    def __init__(self, champion: Champion, *, lifespan: Any) -> None:
        super().__init__(
            title="omloop", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
        )
        self._champion = champion

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the version that serves now."""
        return document(self._champion.serving)


def _add_routes(app: FastAPI, routes: Routes) -> dict[Any, str]:
    """Add every route and return the template of each endpoint."""

    async def openapi(request: Request) -> Response:
        return json_response(app.openapi())

    async def docs(request: Request) -> Response:
        page = resources.files("omloop.serve").joinpath("page.html").read_text(encoding="utf-8")
        return HTMLResponse(page, headers={"Content-Security-Policy": _ONLY_HERE})

    table: list[tuple[str, str, Endpoint]] = [
        ("POST", "/v1/predict", routes.post_predict),
        ("POST", "/v1/feedback", routes.post_feedback),
        ("GET", "/v1/model", routes.get_model),
        ("GET", "/v1/predictions/{id}", routes.get_prediction),
        ("GET", "/healthz", routes.healthz),
        ("GET", "/readyz", routes.readyz),
        ("GET", "/metrics", routes.get_metrics),
        ("GET", "/openapi.json", openapi),
        ("GET", "/docs", docs),
    ]
    for method, path, endpoint in table:
        app.add_route(path, endpoint, methods=[method])
    return {endpoint: path for _, path, endpoint in table}


def _lifespan(
    champion: Champion, workers: Workers, poll_s: float
) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(champion.refresh)
        polling = asyncio.create_task(_poll(champion, poll_s))
        try:
            yield
        finally:
            polling.cancel()
            workers.close()

    return lifespan


async def _poll(champion: Champion, poll_s: float) -> None:
    while True:
        await asyncio.sleep(poll_s)
        await asyncio.to_thread(champion.refresh)


async def _refused(request: Request, error: Any) -> Response:
    refusal: Refusal = error
    return refusal.response()


def _no_route(paths: list[str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Answer an unknown address with the known ones, and a known one asked wrongly with the right way."""

    async def answer(request: Request, error: Any) -> Response:
        asked = f"{request.method:.20} {request.url.path:.80}"
        if error.status_code == 404:
            near = did_you_mean(request.url.path[:80], paths)
            message = f"there is no {asked}.{near} There are: {', '.join(paths)}"
        elif error.status_code == 405:
            message = f"{asked} is not possible; use {(error.headers or {}).get('Allow', 'another method')}"
        else:
            message = str(error.detail)
        return Refusal(error.status_code, message, headers=error.headers).response()

    return answer
