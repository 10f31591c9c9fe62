"""The application as any ASGI server runs it: predictions, health and metrics here, everything else by FastAPI.

FastAPI is imported when it is first asked for, because that takes longer than all the rest of the start.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from omloop.core import EXPLAINED_ROUTE, InputError, log_request
from omloop.serve.access.guard import Guard
from omloop.serve.access.roles import PREDICT as PREDICT_ROLE
from omloop.serve.access.roles import role_of
from omloop.serve.answer.batching import Batcher, no_version
from omloop.serve.answer.explaining import Explaining
from omloop.serve.answer.recording import LogHealth
from omloop.serve.answer.threads import run_apart
from omloop.serve.answer.work import AnswerForm, Work
from omloop.serve.door import Door
from omloop.serve.http.body import ClientGone, caller_key, deadline, media_type, most_bytes, receive_body
from omloop.serve.http.cors import Cors
from omloop.serve.http.digest import HEADER as DIGEST
from omloop.serve.http.drift import Drift
from omloop.serve.http.openapi import document
from omloop.serve.http.repeats import Repeats
from omloop.serve.http.request_id import HEADER, request_id_of
from omloop.serve.memory import trim_memory
from omloop.serve.metrics import CONTENT_TYPE, Metrics
from omloop.serve.options import ServerOptions
from omloop.serve.refusal import Refusal
from omloop.serve.trace_context import CURRENT, TraceContext, parent_of, trace_id
from omloop.serve.version.serving import Serving

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREDICT = "/v1/predict"
GONE = "499"  # nginx's word for a client that left before its answer
ID = "omloop.request_id"
"""Where the scope of a request has its id."""
_READ = ("GET", "HEAD")
_SAME = {"/v1/health": "/healthz", "/v1/ready": "/readyz"}
"""Other addresses of two: some platforms, Cloud Run among them, keep paths that end in `z` to themselves."""
_LOOKED_AT = ("/healthz", "/readyz", "/metrics", *_SAME)
"""Addresses that are asked every few seconds, and have no span."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_log = logging.getLogger("omloop.serve")


class Front:
    """One server's ASGI application. `rest` makes the application that answers what is not answered here.

    Where the options name the project's former service, health and readiness also say what that said there; see
    `omloop.bundle.former_service`.
    """

    def __init__(
        self,
        engine: Batcher,
        metrics: Metrics,
        door: Door,
        recording: LogHealth,
        *,
        rest: Callable[[Front], ASGIApp],
        options: ServerOptions,
        repeats: Repeats | None = None,
    ) -> None:
        self.champion = engine.champion
        self.engine = engine
        self.limits = options.limits
        self.drift = Drift(options.look)
        self.metrics = metrics
        self.door = door
        self.recording = recording
        self.state = SimpleNamespace(draining=False)
        self._make_rest = rest
        self._rest: ASGIApp | None = None
        self._making = asyncio.Lock()
        self._poll_s = options.poll_s
        self._former_service = "former-service" in options.compat
        self.cors = Cors(options.cors)
        self.traces = options.traces
        self.guard = options.guard or Guard(origins=options.cors)
        self.repeats = repeats or Repeats()
        self.explaining = Explaining(options.explain)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or start and stop with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            scope[ID] = request_id_of(scope["headers"])
            parent = parent_of(scope["headers"])
            log_request(scope[ID], trace_id(parent))
            CURRENT.set(TraceContext(parent))
            more = [(HEADER, scope[ID].encode()), *self.cors.headers(scope["headers"])]
            try:
                await self._traced(scope, receive, _with_headers(send, more), parent)
            except asyncio.CancelledError:
                if not self.state.draining:
                    raise
                _log.debug("a request was dropped as the server ended")

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document of the version that serves now."""
        return document(self.champion.serving, self.limits)

    def ready(self) -> Refusal | None:
        """Why requests should not be sent here now, if there is a reason."""
        if self.state.draining:
            return Refusal(503, "the server is about to stop", code="not_ready")
        if self.recording.strict and self.recording.problem:
            told = "predictions cannot be recorded now, so none is given; the server's log says why"
            return Refusal(503, told, code="not_recorded")
        return no_version(self.champion) if self.champion.serving is None else None

    async def _traced(self, scope: Scope, receive: Receive, send: Send, parent: str) -> None:
        """Answer a request within a span of it, where spans are made."""
        path = scope["path"]
        if self.traces is None or path in _LOOKED_AT:
            await self._http(scope, receive, send)
            return
        route = f" {path}" if path == PREDICT else ""  # an address may hold an id, of which there is no end
        span, status = self.traces.begin(f"{scope['method']}{route}", parent, scope[ID]), 499
        span.set_attribute("url.path", path)
        CURRENT.set(TraceContext(parent, span))

        async def seen(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._http(scope, receive, seen)
        finally:
            self.traces.end(span, status)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = _SAME.get(scope["path"], scope["path"]), scope["method"]
        scope["path"] = path
        if self.cors and (told := self.cors.preflight(method, scope["headers"])) is not None:
            await send({"type": "http.response.start", "status": 204, "headers": told})
            await send({"type": "http.response.body"})
            self.metrics.answered("other", "204", 0.0)
        elif (refusal := await self._refusal(scope)) is not None:
            await _send(send, refusal.status, refusal.encoded(scope[ID]), refusal.headers or {})
            self.metrics.answered(PREDICT if path == PREDICT else "other", str(refusal.status), 0.0)
        elif path == PREDICT and method == "POST":
            await self._predict(scope, receive, send)
        elif path == "/healthz" and method in _READ:
            await self._told(path, 200, {"status": "alive", **self._before(path)}, send)
        elif path == "/readyz" and method in _READ:
            refusal, serving = self.ready(), self.champion.serving
            if refusal is not None or serving is None:
                await self._refused(scope, refusal or no_version(self.champion), send)
            else:
                ready = {"status": "ready", "version": serving.version}
                await self._told(path, 200, {**ready, **self._before(path)}, send)
        elif path == "/metrics" and method in _READ:
            began = time.perf_counter()
            text = await asyncio.to_thread(self.metrics.text, self.champion)
            text += self.drift.exposition()
            await _send(send, 200, text.encode(), {}, media_type=CONTENT_TYPE.encode())
            self.metrics.answered(path, "200", time.perf_counter() - began)
        else:
            rest = self._rest or await self._made()
            await rest(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Refusal | None:
        """Why whoever asks may not, if so."""
        serving, method, path = self.champion.serving, scope["method"], scope["path"]
        client = (scope.get("client") or ("",))[0]
        if self.guard.lets_read(path, client):
            return None
        role = role_of(method, path)
        if self._former_service and serving and serving.compat and serving.compat.predicts(method, path):
            role = PREDICT_ROLE
        try:
            await self.guard.admit(role, scope["headers"], client)
        except Refusal as refusal:
            return refusal
        return None

    def _before(self, path: str) -> dict[str, object]:
        """What the project's former service said there."""
        serving = self.champion.serving
        if not self._former_service or serving is None or serving.compat is None:
            return {}
        return serving.compat.probed(path, project=serving.manifest.project, version=serving.version)

    async def _predict(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = time.perf_counter()
        status = GONE
        route = EXPLAINED_ROUTE if b"explain=shap" in scope["query_string"] else PREDICT
        try:
            work = await self._answered(scope, receive, arrived)
            status = str(work.status)
            self.engine.budget.take(len(work.answer))
            try:
                await _send(send, work.status, work.answer, work.headers)
            finally:
                self.engine.budget.give(len(work.answer))
        except Refusal as refusal:
            status = str(refusal.status)
            await _send(send, refusal.status, refusal.encoded(scope[ID]), refusal.headers or {})
        except ClientGone:
            _log.debug("a client left before its body was received")
        finally:
            self.metrics.answered(route, status, time.perf_counter() - arrived)

    async def _answered(self, scope: Scope, receive: Receive, arrived: float) -> Work:
        headers = _headers(scope)
        serving = self.champion.serving
        if serving is None:
            raise no_version(self.champion)
        with self.door.counting(serving, headers):
            media = media_type(headers, serving.kind.media_types)
        until, form = deadline(headers, arrived), _asked(scope["query_string"])
        key = caller_key(headers.get("x-caller-key"))
        refusal = self.engine.refusal()
        if refusal is not None:
            raise refusal
        if form.shap:
            self.explaining.admit()
        with self.door.counting(serving, headers):
            most = most_bytes(media, self.limits)
            content = await receive_body(receive, headers, self.limits, self.engine.budget, most=most)
        ask = partial(self.engine.ask, content, media, arrived, until, form, key=key, request=scope[ID])
        if form.shap:
            ask = partial(self.explaining.ask, ask, until, partial(_rows, serving, content, media))
        return await self.repeats.once(headers, (scope["query_string"], media.encode(), content), ask)

    async def _told(self, route: str, status: int, body: Mapping[str, object], send: Send) -> None:
        began = time.perf_counter()
        await _send(send, status, orjson.dumps(body), {})
        self.metrics.answered(route, str(status), time.perf_counter() - began)

    async def _refused(self, scope: Scope, refusal: Refusal, send: Send) -> None:
        await self._told(scope["path"], refusal.status, refusal.body(scope[ID]), send)

    async def _made(self) -> ASGIApp:
        async with self._making:
            if self._rest is None:
                self._rest = await asyncio.to_thread(self._make_rest, self)
        return self._rest

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.to_thread(self.recording.check)
        await run_apart(self.champion.refresh)
        polling = asyncio.create_task(self._poll())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        polling.cancel()
        self.engine.close()
        self.explaining.close()
        if self.traces is not None:
            await asyncio.to_thread(self.traces.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            await asyncio.to_thread(self.recording.check)
            await run_apart(self.champion.refresh)
            await asyncio.to_thread(self.guard.refresh)
            if self.engine.budget.falls():
                await asyncio.to_thread(trim_memory)


async def _send(
    send: Send, status: int, body: bytes, headers: Mapping[str, str], *, media_type: bytes = b"application/json"
) -> None:
    more = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    head = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by name; of several lines of one name the last counts, but digests are a list (RFC 9530, 2)."""
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if DIGEST in found:
        lines = (value for name, value in scope["headers"] if name == DIGEST.encode())
        found[DIGEST] = b", ".join(lines).decode("latin-1")
    return found


def _with_headers(send: Send, headers: Sequence[tuple[bytes, bytes]]) -> Send:
    """`send`, which adds such headers to an answer."""

    async def more(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *headers]}
        await send(message)

    return more


def _rows(serving: Serving, content: bytes, media: str) -> int:
    """How many rows a body holds; 0 for one that is refused anyway."""
    try:
        return len(serving.read(content, media)[0])
    except InputError:
        return 0


def _asked(query: bytes) -> AnswerForm:
    """How the answer is wanted; raises Refusal 400 for what cannot be asked."""
    explain = brief = shap = False
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name == "proba" and value in _FLAGS:
            brief = not _FLAGS[value]
        elif name == "explain" and value == "observe":
            explain = True
        elif name == "explain" and value == "shap":
            shap = True
        else:
            known = "proba=true, proba=false, explain=observe, explain=shap"
            told = f"the query '{name:.40}={value:.40}' is not known; there are {known}"
            raise Refusal(400, told, code="invalid_query")
    return AnswerForm(explain, brief, shap)
