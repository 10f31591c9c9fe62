"""`GET /v1/drift`: what a watch told last, as JSON, and as a page for browsers."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from omloop.serve.answer.threads import run_apart
from omloop.serve.http.replies import json_response
from omloop.serve.options import LastLook
from omloop.serve.refusal import Refusal

FRESH_S = 5.0
"""What was read is told for so long: a watch looks every minute, and a bucket is asked over a network."""
WAIT_S = 5.0
"""A bucket that does not answer keeps nobody waiting for longer; one read goes on in its thread."""
_HEADERS = {"Vary": "Accept", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
_log = logging.getLogger("omloop.serve")


class Drift:
    """The route. One read at a time goes on in a thread, and the newest answer is kept."""

    def __init__(self, look: LastLook | None) -> None:
        self._look = look
        self._reading: asyncio.Task[None] | None = None
        self._told: Mapping[str, Any] | None = None
        self._failed = False
        self._since = float("-inf")

    async def get(self, request: Request) -> Response:
        """What was told last: a page where `Accept` names HTML."""
        told = await self._newest()
        if self._look is None or told is None:
            raise Refusal(404, "no watch has looked at this project yet; look with: omloop watch NAME --once")
        if "text/html" in request.headers.get("accept", "").lower():
            return HTMLResponse(self._look.page(told), headers=_HEADERS)
        return json_response(told, headers=_HEADERS)

    async def _newest(self) -> Mapping[str, Any] | None:
        if self._reading is None and time.monotonic() - self._since >= FRESH_S:
            self._reading = asyncio.create_task(self._read())
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=WAIT_S)
        if self._failed or self._reading is not None:
            told = "what the watch told cannot be read now; try again later"
            raise Refusal(503, told, code="not_recorded", headers={"Retry-After": str(int(FRESH_S))})
        return self._told

    async def _read(self) -> None:
        try:
            self._told = await run_apart(self._look.read) if self._look else None
            self._failed = False
        except Exception as error:  # a store may be a stranger's adapter
            self._failed = True
            _log.warning("what the watch told cannot be read: %s", error)
        finally:
            self._since, self._reading = time.monotonic(), None
