"""The page as an ASGI application: NiceGUI with every page, what they look like, and what browsers are told."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.pages.drift import drift
from omloop.ui.pages.home import home
from omloop.ui.pages.live import live
from omloop.ui.pages.more import more
from omloop.ui.pages.retro import retro
from omloop.ui.pages.runs import runs
from omloop.ui.pages.try_it import try_it
from omloop.ui.pages.versions import versions
from omloop.ui.parts.files import PREFIX, Uploads
from omloop.ui.parts.frame import MARK, frame
from omloop.ui.parts.problems import show_fault, show_problem
from omloop.ui.session import Sessions
from omloop.ui.visit import Visit

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from omloop.ui.options import PageOptions

_log = logging.getLogger("omloop.ui")
Build = Callable[[Visit], Awaitable[None]]
PAGES: dict[str, tuple[str, Build]] = {
    "/": ("Home", home),
    "/p/{project}": ("Try it", try_it),
    "/p/{project}/live": ("Live", live),
    "/p/{project}/drift": ("Drift", drift),
    "/p/{project}/versions": ("Versions", versions),
    "/p/{project}/runs": ("Runs", runs),
    "/p/{project}/more": ("More", more),
    "/p/{project}/retro": ("The old machine", retro),
}
"""Every page: its title, and what builds it."""
STATIC = Path(__file__).parent / "static"
BUILD_S = 15.0
"""A page that takes longer to be built is a fault; whoever it asks is given less."""
RECONNECT_S = 30.0
"""A page that lost its connection goes on where it was when it is back within so long; later it is loaded anew."""
ICON = MARK.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replace("currentColor", "#1d5fbf")
_ONLY_HERE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: data: blob:; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""NiceGUI's scripts are inline and compile templates; nothing is fetched from another host."""
_SAFE = (
    (b"content-security-policy", _ONLY_HERE.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def create_app(options: PageOptions, routes: ASGIApp | None = None) -> FastAPI:
    """The page, with the workspace's `routes` below `/api` where they are in this process.

    NiceGUI keeps its pages by process, so there is one page in each.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    uploads = add_pages(options)
    app.add_route(PREFIX + "/{token}", uploads.take, methods=["POST"])
    app.add_route("/healthz", _alive)
    if routes is not None:
        app.router.routes.append(_Below("/api", routes))
    ui.run_with(
        app,
        title="omloop",
        favicon=ICON,
        dark=None,
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT_S,
        storage_secret=secrets.token_urlsafe(32),
        show_welcome_message=False,
    )
    app.add_middleware(_Front, knows_host=options.knows_host)
    return app


async def _alive(_: Request) -> PlainTextResponse:
    """What a platform asks again and again: no page is built, and no key is needed."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def add_pages(options: PageOptions) -> Uploads:
    """Let NiceGUI know every page; gives what takes the files that people give to them."""
    sessions, uploads = Sessions(), Uploads(options.upload_bytes)
    for path, (title, build) in PAGES.items():
        _add_page(path, title, build, partial(_visit, options, sessions, uploads))
    nicegui_app.add_static_files("/static", STATIC)
    return uploads


def _add_page(path: str, title: str, build: Build, visit_of: Callable[[str], Visit]) -> None:
    async def page(project: str = "") -> None:
        visit = visit_of(project)
        _add_head(visit)
        try:
            await build(visit)
        except (NoAnswerError, RefusedError) as error:
            ui.context.client.content.clear()
            with frame(visit, title):
                show_problem(visit, error)
        except Exception:
            _log.exception("the page %s cannot be shown", path)
            ui.context.client.content.clear()
            with frame(visit, title):
                show_fault()

    ui.page(path, response_timeout=BUILD_S)(page if "{project}" in path else _without_project(page))


def _without_project(page: Callable[..., Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def home_page() -> None:
        await page()

    return home_page


def _add_head(visit: Visit) -> None:
    style, script = (f"{visit.prefix}/static/{name}?{_version(name)}" for name in ("page.css", "page.js"))
    ui.add_head_html(f'<link rel="stylesheet" href="{style}"><script defer src="{script}"></script>')


def _version(name: str) -> int:
    """Changes when the file does, so that no browser keeps an old one."""
    return int((STATIC / name).stat().st_mtime)


def _visit(options: PageOptions, sessions: Sessions, uploads: Uploads, project: str) -> Visit:
    request: Request = ui.context.client.request
    prefix = (request.headers.get("x-forwarded-prefix", "") or request.scope.get("root_path", "")).rstrip("/")
    prefix = prefix if _PREFIX.fullmatch(prefix) else ""
    session = sessions.of(nicegui_app.storage.browser["id"])
    return Visit(options, session, uploads, prefix, project, request.query_params.multi_items())


class _Below(BaseRoute):
    """Hands all below a path to another application, which is told the whole path."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self._path, self._app = path, app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path lies below."""
        here = scope["type"] == "http" and (scope["path"] + "/").startswith(f"{self._path}/")
        return (Match.FULL if here else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the other answer."""
        await self._app(scope, receive, send)


class _Front:
    """Turns away whoever asks by a foreign name, and tells browsers to fetch nothing from elsewhere."""

    def __init__(self, app: ASGIApp, knows_host: Callable[[bytes], bool]) -> None:
        self._app, self._knows_host = app, knows_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._knows_host(headers.get(b"host", b"")) or _is_foreign(scope, headers):
            await _turn_away(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name for name, _ in message["headers"]}
                more = [(name, value) for name, value in _SAFE if name not in have]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self._app(scope, receive, told)


def _is_foreign(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether a page of another origin opens the connection on which events travel; browsers always say where from."""
    origin = headers.get(b"origin", b"")
    return scope["type"] == "websocket" and bool(origin) and origin.split(b"://", 1)[-1] != headers.get(b"host", b"")


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    told = "This page is not asked by that name; the setting 'hosts' lists its names.\n"
    await PlainTextResponse(told, 421)(scope, receive, send)
