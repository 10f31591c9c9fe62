"""The web page in a process of its own: over this workspace, or over that of another machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omloop.core import SettingError, explain_missing, is_loopback, shown
from omloop.loop.serving.guarding import guard_of, hosts_of
from omloop.loop.serving.server_process import command_apart, places_of
from omloop.serve.process.listen import address, listening
from omloop.serve.settings import ServeSettings
from omloop.ui import PageOptions, Source
from omloop.ui.settings import UiSettings

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp

    from omloop.core import Settings
    from omloop.loop.workspace import Workspace

HERE = "http://localhost"
"""Stands for the routes in this process, which it calls without a socket."""
WORKS = "NAME=URL divided by commas, such as imdb=http://imdb:8000"


def serve_page(workspace: Workspace, *, ready: Callable[[str], None]) -> None:
    """Show the page until a signal ends it; `ready` gets its address.

    Raises MissingExtraError without the extra `ui`, ServeError if it cannot listen on the address, and SettingError.
    """
    of_page = workspace.settings.of(UiSettings)
    servers = server_addresses(of_page.servers)
    if of_page.remote and not is_web_address(of_page.remote):
        raise SettingError.wrong_value(
            None, "remote", shown(of_page.remote), "an address, such as https://tools.example"
        )
    with listening(of_page.host, of_page.port) as listener, explain_missing("The web page", of="ui"):
        from omloop.ui.run import run

        app = _app(workspace, of_page, servers, f"omloop-{listener.getsockname()[1]}")
        run(app, listener, lambda: ready(address(listener)))


@contextmanager
def page_apart(workspace: Workspace) -> Iterator[str]:
    """`omloop ui` on a free loopback port, in a process of its own; gives its address, and ends it by its id.

    Raises OmloopError when it does not start.
    """
    words = ["ui", "--host", "127.0.0.1", "--port", "0", *places_of(workspace)]
    with command_apart(words, {}) as (address, _):
        yield address


def server_addresses(setting: str) -> dict[str, str]:
    """Servers by project; raises SettingError for anything but a list of them.

    >>> server_addresses("imdb=http://imdb:8000/, faces=https://faces.example")
    {'imdb': 'http://imdb:8000', 'faces': 'https://faces.example'}
    """
    found = {}
    for part in filter(None, (one.strip() for one in setting.split(","))):
        name, _, url = (one.strip() for one in part.partition("="))
        if not name or not is_web_address(url):
            raise SettingError.wrong_value(None, "servers", shown(part), WORKS)
        found[name] = url.rstrip("/")
    return found


def is_web_address(url: str) -> bool:
    """Whether somebody answers at an address.

    >>> [is_web_address(url) for url in ("https://a.example/b", "http://[::1]:80", "http://", "http://a:b", "http://[")]
    [True, True, False, False, False]
    """
    try:
        found = urlsplit(url)
        return found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        return False


def _app(workspace: Workspace, of_page: UiSettings, servers: Mapping[str, str], cookie: str) -> ASGIApp:
    """The page, with the routes that it asks beside it; in front of another workspace it asks the routes there."""
    import httpx

    from omloop.loop.steer.app import create_routes
    from omloop.ui.app import create_app

    @cache
    def server(url: str) -> Source:
        return Source(_client(url), f"The server at {url}")

    settings = _as_listening(workspace.settings, of_page.host)
    hosts = hosts_of(settings)
    if of_page.remote:
        at = of_page.remote.rstrip("/")
        kept, open_to_all = Source(_client(at), f"The page at {at}"), not is_loopback(of_page.host)
        far = PageOptions(kept, server, servers, hosts.know, cookie=cookie, remote=at, changes_need_key=open_to_all)
        return create_app(far)
    routes = create_routes(workspace, guard_of(settings, workspace.root), writable=is_loopback(of_page.host))
    inside = httpx.ASGITransport(routes, raise_app_exceptions=False)
    local = Source(httpx.AsyncClient(transport=inside, base_url=HERE), "The workspace")
    return create_app(PageOptions(local, server, servers, hosts.know, cookie=cookie), routes)


def _client(url: str) -> httpx.AsyncClient:
    """Asks an address. For one of this machine it skips the environment's proxy, which cannot reach it."""
    import httpx

    return httpx.AsyncClient(base_url=url, trust_env=not is_loopback(urlsplit(url).hostname or ""))


def _as_listening(settings: Settings, host: str) -> Settings:
    """Settings with the hosts and keys of the page's own address, in place of a server's."""
    return settings.having(replace(settings.of(ServeSettings), host=host))
