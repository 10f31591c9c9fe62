"""Files that people give to the page: what is kept of pages that are gone, and what is told when one fails."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
from tests.ui.shown import Asked

from omloop.ui.app import add_pages
from omloop.ui.parts.files import FAULT, PREFIX, FileInput, Uploads

if TYPE_CHECKING:
    from nicegui.testing import User


def walk(asked: Asked, go: Callable[["User", Uploads], Awaitable[None]]) -> None:
    """Carry out a walk over the page in this process, with the inputs that it knows."""
    from nicegui.testing.user_simulation import user_simulation

    async def begin() -> None:
        async with user_simulation() as user:
            await go(user, add_pages(asked.options()))

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, begin()).result()


def test_nothing_is_kept_of_a_page_that_is_gone(asked: Asked) -> None:
    from nicegui import Client

    asked.serve("tones")

    async def go(user: "User", uploads: Uploads) -> None:
        for _ in range(3):
            await user.open("/p/tones")
        assert len(uploads) == 3
        for client in list(Client.instances.values()):
            client.delete()
        assert len(uploads) == 0

    walk(asked, go)


def test_a_file_that_the_page_fails_at_is_told_without_a_trace(asked: Asked) -> None:
    asked.serve("tones")

    async def fail(name: str, content: bytes) -> None:
        raise ZeroDivisionError(name)

    async def go(user: "User", uploads: Uploads) -> None:
        from starlette.applications import Starlette
        from starlette.routing import Route

        await user.open("/p/tones")
        (found,) = user.find(FileInput).elements
        found.taken = fail
        app = Starlette(routes=[Route(PREFIX + "/{token}", uploads.take, methods=["POST"])])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            answer = await client.post(found.props["url"], content=b"x")
        assert (answer.status_code, answer.text) == (500, FAULT)

    walk(asked, go)
