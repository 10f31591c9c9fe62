"""Files that people give to the page: what is kept of pages that are gone, and what is told when one fails."""

from typing import TYPE_CHECKING

import httpx
from tests.ui.shown import Asked, Visit

from omloop.ui.parts.files import FAULT, PREFIX, FileInput

if TYPE_CHECKING:
    from nicegui.testing import User


def test_nothing_is_kept_of_a_page_that_is_gone(visit: Visit, asked: Asked) -> None:
    from nicegui import Client

    asked.serve("tones")

    async def walk(user: "User") -> None:
        for _ in range(3):
            await user.open("/p/tones")
        (found,) = user.find(FileInput).elements
        assert len(found.uploads) == 3
        for client in list(Client.instances.values()):
            client.delete()
        assert len(found.uploads) == 0

    visit(walk)


def test_a_file_that_the_page_fails_at_is_told_without_a_trace(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def fail(name: str, content: bytes) -> None:
        raise ZeroDivisionError(name)

    async def walk(user: "User") -> None:
        from starlette.applications import Starlette
        from starlette.routing import Route

        await user.open("/p/tones")
        (found,) = user.find(FileInput).elements
        found.taken = fail
        app = Starlette(routes=[Route(PREFIX + "/{token}", found.uploads.take, methods=["POST"])])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            answer = await client.post(found.props["url"], content=b"x")
        assert (answer.status_code, answer.text) == (500, FAULT)

    visit(walk)
