"""Around every request: counts and times it, and answers a bug plainly, with its traceback only in the log."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omloop.serve.http.asgi import GONE, ID
from omloop.serve.http.replies import refusal_response
from omloop.serve.metrics import Metrics
from omloop.serve.refusal import internal_error

_log = logging.getLogger("omloop.serve")


class MetricsMiddleware:
    """ASGI middleware. `templates` names the route of each endpoint; an id in a path never becomes a label."""

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, templates: Mapping[Any, str], new_id: Callable[[], str]
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._templates = templates
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = GONE

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except ClientDisconnect:
            _log.debug("a client left before its body was received")
        except Exception:
            await self._apologise(scope, receive, counted, answered=status != GONE)
        finally:
            route = self._templates.get(scope.get("endpoint"), "other")
            self._metrics.answered(route, status, time.perf_counter() - began)

    async def _apologise(self, scope: Scope, receive: Receive, send: Send, *, answered: bool) -> None:
        fault = self._new_id()
        _log.exception("fault %s at %s %s, request %s", fault, scope["method"], scope["path"], scope[ID])
        if not answered:
            refusal = internal_error(fault)
            await refusal_response(refusal, scope[ID])(scope, receive, send)
