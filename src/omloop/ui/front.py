"""The guard before the page: the host names and origins that it lets in, and the headers that browsers get."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ONLY_HERE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""NiceGUI's scripts are inline and compile templates; the page fetches nothing from another host."""
_SAFE = (
    (b"content-security-policy", _ONLY_HERE.encode()),
    (b"x-frame-options", b"DENY"),  # for browsers that do not know frame-ancestors
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
_NO_NAME = "This page is not asked by that name; the setting 'hosts' lists its names."
_OTHER_PAGE = (
    "A page of another origin may not ask this one. A proxy in front hands on the name that the browser asked by, as "
    "'Host' or as 'X-Forwarded-Host'."
)
PREFIX = b"x-forwarded-prefix"
_PREFIX = re.compile(rb"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
EVENTS = "/_nicegui_ws"
"""Where events travel, by WebSocket or by requests."""
ROUTES = "/api/"
"""The routes of the workspace have a guard of their own, which knows the setting 'cors'."""


class Front:
    """Turns away whoever asks by a foreign name, and tells browsers to fetch nothing from elsewhere."""

    def __init__(self, app: ASGIApp, knows_host: Callable[[bytes], bool]) -> None:
        self._app, self._knows_host = app, knows_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or turn away."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not self._knows_host(headers.get(b"host", b"")):
            await _turn_away(421, _NO_NAME, scope, receive, send)
            return
        if _does_something(scope) and _is_of_another_page(headers):
            await _turn_away(403, _OTHER_PAGE, scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                have = {name for name, _ in message["headers"]}
                more = [(name, value) for name, value in _SAFE if name not in have]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self._app(_with_plain_prefix(scope, headers), receive, told)


def _with_plain_prefix(scope: Scope, headers: Mapping[bytes, bytes]) -> Scope:
    """The request with a proxy's path as links need it; a value that is no path drops out."""
    given = headers.get(PREFIX)
    if given is None:
        return scope
    plain = given.rstrip(b"/")
    kept = [(PREFIX, plain)] if _PREFIX.fullmatch(plain) else []
    return {**scope, "headers": [*((name, value) for name, value in scope["headers"] if name != PREFIX), *kept]}


def _does_something(scope: Scope) -> bool:
    """Whether the request asks for more than a page, or a file of a page."""
    if scope["type"] == "websocket":
        return True
    path = scope["path"]
    return EVENTS in path or (scope["method"] not in ("GET", "HEAD", "OPTIONS") and not path.startswith(ROUTES))


def _is_of_another_page(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser says that a page of another origin asks; no page can make up these headers.

    >>> _is_of_another_page({b"origin": b"http://evil.example", b"host": b"localhost"})
    True
    >>> _is_of_another_page({b"origin": b"https://a.example", b"host": b"10.0.0.7", b"x-forwarded-host": b"a.example"})
    False
    """
    site = headers.get(b"sec-fetch-site", b"")
    if site:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin", b"")
    return bool(origin) and _authority(origin) not in {
        _without_port(headers[name].split(b",")[0].strip().lower())
        for name in (b"host", b"x-forwarded-host")
        if name in headers
    }


def _authority(origin: bytes) -> bytes:
    try:
        return _without_port(urlsplit(origin.decode("latin-1")).netloc.lower().encode("latin-1"))
    except ValueError:
        return b""


def _without_port(host: bytes) -> bytes:
    """A host without the port that a browser leaves out."""
    return host.removesuffix(b":80").removesuffix(b":443")


async def _turn_away(status: int, told: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse(f"{told}\n", status)(scope, receive, send)
