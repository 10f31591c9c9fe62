"""Asking servers and the workspace over HTTP, and the errors for when they do not answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omloop.core import OmloopError

if TYPE_CHECKING:
    import httpx

WAIT_S = 10.0
"""A source that does not answer within this time counts as down."""


class NoAnswerError(OmloopError):
    """Nobody answered at an address."""


class RefusedError(OmloopError):
    """A source refused a request, with a status and a code of its own."""

    def __init__(self, told: str, status: int, code: str = "") -> None:
        super().__init__(told)
        self.status, self.code = status, code

    @property
    def asks_for_key(self) -> bool:
        """Whether a key, or another one, would help."""
        return self.status in (401, 403) and self.code != "read_only"


@dataclass(frozen=True)
class Answer:
    """An answer: its `body` as it came, its type, and how long it took, in seconds."""

    body: bytes
    media_type: str
    seconds: float

    def json(self) -> Any:
        """The body as JSON; raises NoAnswerError for anything else."""
        import orjson

        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise NoAnswerError(
                f"What came is no JSON: {self.body[:60]!r}. Is another program at this port?"
            ) from error


class Source:
    """A server, or the routes over a workspace, which the page asks over HTTP. All visitors share one source.

    `client` has the address that all paths are below. `name` stands for the source in messages to people.
    """

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        self._client, self.name = client, name

    async def get(self, path: str, key: str = "", **query: Any) -> Any:
        """The JSON at a path; raises NoAnswerError or RefusedError."""
        found = {name: value for name, value in query.items() if value not in (None, "")}
        return (await self.ask("GET", path, key, query=found)).json()

    async def post(self, path: str, body: Mapping[str, Any], key: str = "") -> Any:
        """The answer to a body of JSON; raises NoAnswerError or RefusedError."""
        import orjson

        return (await self.ask("POST", path, key, content=orjson.dumps(body), media_type="application/json")).json()

    async def ask(
        self,
        method: str,
        path: str,
        key: str = "",
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes = b"",
        media_type: str = "",
    ) -> Answer:
        """One request with a caller's key, where it has one; raises NoAnswerError or RefusedError."""
        import httpx

        headers = {"X-API-Key": key} if key else {}
        headers |= {"Content-Type": media_type} if media_type else {}
        began = time.perf_counter()
        try:
            reply = await self._client.request(
                method, path, params=query, content=content or None, headers=headers, timeout=WAIT_S
            )
        except httpx.TimeoutException as error:
            raise NoAnswerError(f"{self.name} did not answer within {WAIT_S:.0f} s.") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoAnswerError(f"{self.name} does not answer.") from error
        if reply.is_error:
            raise _refusal(reply, self.name)
        return Answer(reply.content, reply.headers.get("content-type", ""), time.perf_counter() - began)


def _refusal(reply: httpx.Response, name: str) -> RefusedError:
    try:
        told = reply.json()["error"]
        return RefusedError(_words(told), reply.status_code, str(told.get("code", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        told = (
            f"{name} answered with status {reply.status_code}, as omloop does not. Is another program at this address?"
        )
        return RefusedError(told, reply.status_code)


def _words(told: Mapping[str, Any]) -> str:
    """The words of a refusal, with the field of each fault.

    >>> _words({"message": "is missing", "field": "rows[0].age"})
    'rows[0].age: is missing'
    """
    faults = told.get("faults") or [told]
    words = "; ".join(": ".join(filter(None, [str(one.get("field", "")), str(one["message"])])) for one in faults)
    more = told.get("more")
    return f"{words}; and {more} more" if more else words
