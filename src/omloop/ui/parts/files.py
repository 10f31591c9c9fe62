"""Files that people give to the page: each input has an address of its own that nobody can guess."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nicegui.element import Element
from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

PREFIX = "/files"
FAULT = "This is a fault of the page, not of your file. The log of whoever runs it has the details."
_log = logging.getLogger("omloop.ui")
Taken = Callable[[str, bytes], Awaitable[None]]


class Uploads:
    """The inputs of all pages that are open, by the last part of their address."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._inputs: dict[str, FileInput] = {}

    def __len__(self) -> int:
        """How many inputs are open."""
        return len(self._inputs)

    def address(self, one: FileInput) -> str:
        """An address for an input."""
        token = secrets.token_urlsafe(24)
        self._inputs[token] = one
        return f"{PREFIX}/{token}"

    def forget(self, address: str) -> None:
        """Let an address lead nowhere."""
        self._inputs.pop(address.removeprefix(f"{PREFIX}/"), None)

    async def take(self, request: Request) -> Response:
        """Hand a file to its input; refuse a file that is too large before all of it is there."""
        found = self._inputs.get(request.path_params["token"])
        if found is None:
            return PlainTextResponse("This page is no longer open. Load it again.", 404)
        content = await self._content(request)
        if content is None:
            most = self.most_bytes // 1_000_000
            return PlainTextResponse(f"The file is too large. The page takes at most {most} MB.", 413)
        name = unquote(request.headers.get("x-file-name", "file"))[:200]
        try:
            with found.client:
                await found.taken(name, content)
        except Exception:
            _log.exception("a file was not taken")
            return PlainTextResponse(FAULT, 500)
        return PlainTextResponse("")

    async def _content(self, request: Request) -> bytes | None:
        """The file, or None if it is too large; reads no more of it than it takes to know."""
        told = request.headers.get("content-length", "")
        if told.isdigit() and int(told) > self.most_bytes:
            return None
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self.most_bytes:
                return None
        return bytes(content)


class FileInput(Element, component="file_input.js"):
    """A place to choose, drop or paste a file; `taken` gets its name and content."""

    def __init__(self, uploads: Uploads, taken: Taken, *, accept: str, action: str, hint: str, camera: bool) -> None:
        super().__init__()
        self.taken, self.uploads = taken, uploads
        self._props["url"] = uploads.address(self)
        self._props["accept"], self._props["action"], self._props["hint"] = accept, action, hint
        self._props["camera"], self._props["most"] = camera, uploads.most_bytes

    def show_example(self, address: str) -> None:
        """Show a picture, by its `data:` address, as if somebody had chosen it."""
        self.run_method("showExample", address)

    def _handle_delete(self) -> None:
        self.uploads.forget(self._props["url"])
        super()._handle_delete()
