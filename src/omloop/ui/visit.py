"""One visit of one page: whom it asks, with which key, and where its links lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from omloop.core import command_line, is_loopback
from omloop.ui.client import Answer, RefusedError, Source
from omloop.ui.options import PageOptions
from omloop.ui.parts.files import Uploads
from omloop.ui.session import Session

API = "/api/v1"
WHY_NOT = "this page can be reached from other machines, so it changes nothing for whoever gave no key"
MOST_PAGE = 1_000_000
"""The last page of a list that a visit asks the workspace for."""


def segment(word: str) -> str:
    """A word as one part of a path, whatever it says.

    >>> segment("a/b?c"), segment("..")
    ('a%2Fb%3Fc', '%2E%2E')
    """
    return "%2E" * len(word) if word in (".", "..") else quote(word, safe="")


@dataclass
class Visit:
    """What a page knows of its visitor. `prefix` is the path of a proxy in front, `project` is empty at home.
    `asked` is what stands behind the address's question mark."""

    options: PageOptions
    session: Session
    uploads: Uploads
    prefix: str = ""
    project: str = ""
    asked: Sequence[tuple[str, str]] = ()

    def query(self, name: str) -> str:
        """A word of the address behind its question mark, empty where there is none."""
        return next(iter(self.queries(name)), "")

    def queries(self, name: str) -> list[str]:
        """All words of that name."""
        return [value for key, value in self.asked if key == name]

    @property
    def page_number(self) -> int:
        """Which page of a list the address asks for, from 1."""
        given = self.query("page")
        return min(max(1, int(given)), MOST_PAGE) if given.isascii() and given.isdigit() and len(given) < 20 else 1

    def href(self, *parts: str, **query: Any) -> str:
        """The address of a page, below the proxy's path."""
        path = "/".join(map(segment, parts))
        asked = urlencode({name: value for name, value in query.items() if value not in (None, "")}, doseq=True)
        return f"{self.prefix}/{path}{'?' + asked if asked else ''}"

    def page(self, name: str = "", **query: Any) -> str:
        """The address of one of the project's pages."""
        return self.href("p", self.project, *([name] if name else []), **query)

    async def about(self) -> Any:
        """What the workspace says of itself, and whether this visit may change it; raises as `workspace` does."""
        found = await self.workspace("")
        return found if self._may_change else {**found, "writable": False, "why_not": WHY_NOT}

    async def workspace(self, path: str, **query: Any) -> Any:
        """What the workspace's routes say at a path; raises NoAnswerError or RefusedError."""
        return await self.options.workspace.get(f"{API}{path}", self.session.key, **query)

    async def of_project(self, path: str = "", **query: Any) -> Any:
        """The same of this project."""
        return await self.options.workspace.get(self._address(path), self.session.key, **query)

    async def change(self, path: str, **body: Any) -> Any:
        """Let the workspace change something of this project; raises NoAnswerError or RefusedError."""
        if not self._may_change:
            raise RefusedError(WHY_NOT, 403, "read_only")
        return await self.options.workspace.post(self._address(path), body, self.session.key)

    async def file(self, path: str) -> Answer:
        """A file of this project; raises NoAnswerError or RefusedError."""
        return await self.options.workspace.ask("GET", self._address(path), self.session.key)

    async def server(self) -> Source | None:
        """The project's server, None where nobody knows of one; raises NoAnswerError or RefusedError."""
        return self.server_in({} if self.options.servers.get(self.project) else await self.of_project())

    def server_in(self, about: Mapping[str, Any]) -> Source | None:
        """The same, by what the workspace said `about` the project."""
        found = about.get("server") or ""
        address = self.options.servers.get(self.project) or (found if self._reaches(found) else "")
        return self.options.server(address) if address else None

    @property
    def how_to_serve(self) -> tuple[str, str]:
        """What to do where nobody knows of a server: in words, and as a command."""
        far = self.options.remote
        if not far or _is_here(far):
            return "Nobody answers for it now. Start its server.", command_line("omloop", "serve", self.project)
        told = (
            "Its server is on the other machine, and this page knows no address of it. Name one when the page starts."
        )
        return told, command_line("omloop", "ui", "--remote", far, "--server", f"{self.project}=URL")

    def _address(self, path: str) -> str:
        return f"{API}/projects/{segment(self.project)}{path}"

    def _reaches(self, address: str) -> bool:
        """Whether an address that the workspace knows is one of here: another machine's loopback is not this one's."""
        far = self.options.remote
        return not far or _is_here(far) or not _is_here(address)

    @property
    def _may_change(self) -> bool:
        return bool(self.session.key) or not self.options.changes_need_key


def _is_here(address: str) -> bool:
    return is_loopback(urlsplit(address).hostname or "")
