"""The page as an ASGI application: NiceGUI with every page, their style, and the headers that browsers get."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from nicegui import Client, ui
from nicegui import app as nicegui_app
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match

from omloop.ui.client import NoAnswerError, RefusedError
from omloop.ui.front import Front
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
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

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
"""Every page: its title, and the function that builds it."""
STATIC = Path(__file__).parent / "static"
BUILD_S = 15.0
"""Nobody waits longer than this for a page to be ready; the sources that it asks get less time."""
SPARE_S = 5.0
"""Time to say so."""
RECONNECT_S = 30.0
"""A page that lost its connection goes on where it was if it is back within this time; later it loads anew."""
ICON = MARK.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replace("currentColor", "#1d5fbf")


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
        session_middleware_kwargs={"session_cookie": options.cookie, "max_age": None},
        show_welcome_message=False,
    )
    app.add_middleware(Front, knows_host=options.knows_host)
    return app


async def _alive(_: Request) -> PlainTextResponse:
    """Answer the health checks of a platform, which need neither a page nor a key."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def add_pages(options: PageOptions) -> Uploads:
    """Register every page with NiceGUI, and return the `Uploads` that take files from people."""
    sessions, uploads = Sessions(), Uploads(options.upload_bytes)
    visit_of = partial(_visit, options, sessions, uploads)
    for path, (title, build) in PAGES.items():
        _add_page(path, title, build, visit_of)
    _add_not_found(visit_of)
    nicegui_app.add_static_files("/static", STATIC)
    return uploads


def _add_page(path: str, title: str, build: Build, visit_of: Callable[[str], Visit]) -> None:
    async def page(project: str = "") -> None:
        visit = visit_of(project)
        _add_head(visit)
        try:
            async with asyncio.timeout(BUILD_S):
                await build(visit)
        except (NoAnswerError, RefusedError) as error:
            _show_instead(visit, title, partial(show_problem, visit, error))
        except TimeoutError:
            slow = NoAnswerError(f"What is shown here was not all there within {BUILD_S:.0f} s.")
            _show_instead(visit, title, partial(show_problem, visit, slow))
        except Exception:
            _log.exception("the page %s cannot be shown", path)
            _show_instead(visit, title, show_fault)

    ui.page(path, response_timeout=BUILD_S + SPARE_S)(page if "{project}" in path else _without_project(page))


def _without_project(page: Callable[..., Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def home_page() -> None:
        await page()

    return home_page


def _show_instead(visit: Visit, title: str, show: Callable[[], None]) -> None:
    """Show something in place of the page, part of which may be there already."""
    ui.context.client.content.clear()
    with frame(visit, title):
        show()


def _add_not_found(visit_of: Callable[[str], Visit]) -> None:
    """Answer an unknown address with a page that says so; whoever asks for a file gets one line instead."""

    async def not_found(request: Request, error: Exception) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("There is nothing here.\n", 404)
        with Client(ui.page("", title="omloop"), request=request) as client:
            visit = visit_of("")
            _add_head(visit)
            with frame(visit, "Nothing here"):
                show_problem(visit, RefusedError("No page has this address.", 404))
        return client.build_response(request, 404)

    nicegui_app.add_exception_handler(404, not_found)


def _add_head(visit: Visit) -> None:
    style, script = (f"{visit.prefix}/static/{name}?{_version(name)}" for name in ("page.css", "page.js"))
    ui.add_head_html(f'<link rel="stylesheet" href="{style}"><script defer src="{script}"></script>')


def _version(name: str) -> int:
    """Changes when the file does, so that no browser keeps an old one."""
    return int((STATIC / name).stat().st_mtime)


def _visit(options: PageOptions, sessions: Sessions, uploads: Uploads, project: str) -> Visit:
    request: Request = ui.context.client.request
    prefix = request.headers.get("x-forwarded-prefix", "") + request.scope.get("root_path", "")  # as NiceGUI has it
    session = sessions.of(nicegui_app.storage.browser["id"])
    return Visit(options, session, uploads, prefix, project, request.query_params.multi_items())


class _Below(BaseRoute):
    """Hands all requests below a path to another application, which gets the whole path."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self._path, self._app = path, app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the path lies below."""
        here = scope["type"] == "http" and (scope["path"] + "/").startswith(f"{self._path}/")
        return (Match.FULL if here else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the other answer."""
        await self._app(scope, receive, send)
