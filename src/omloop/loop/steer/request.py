"""The input of a route, and its possible answers besides a JSON value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.caches import Caches
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class SteerRequest:
    """One request: the parts of its path, its query, and its body, a JSON object.

    `query` has the last word of each name, `lists` all of them. `by` is who asks, by the name of its key, for the
    history. `why_not` says why the request may change nothing; it is empty where it may.
    """

    workspace: Workspace
    caches: Caches
    by: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    why_not: str = ""

    @property
    def project(self) -> str:
        """The known project that the path names."""
        return self.path["project"]

    def number(self, name: str, default: int, *, least: int = 1, most: int) -> int:
        """A whole number of the query; raises Refusal 400 for another text, or one out of its bounds."""
        given = self.query.get(name, "")
        if not given:
            return default
        if given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most:
            return int(given)
        told = f"'{name}' is a whole number from {least:,} to {most:,}, but it is '{given:.40}'"
        raise Refusal(400, told, code="invalid_query")

    def one_of(self, name: str, words: tuple[str, ...], default: str) -> str:
        """A word of the query; raises Refusal 400 for another one than those of `words`."""
        return among(name, self.query.get(name) or default, words)

    def text(self, name: str, *, required: bool = False, most: int = 2_000) -> str:
        """A text of the body without blanks around it; raises Refusal 422 for another value."""
        given = self.body.get(name)
        if not isinstance(given, str | None) or len(given or "") > most:
            raise Refusal(422, f"is a text of at most {most:,} characters", field=name)
        if required and not (given or "").strip():
            raise Refusal(422, "is missing, or empty", field=name)
        return (given or "").strip()

    def flag(self, name: str) -> bool:
        """A boolean of the body, false by default; raises Refusal 422 for another value."""
        given = self.body.get(name, False)
        if not isinstance(given, bool):
            raise Refusal(422, "is true or false", field=name)
        return given

    def amount(self, name: str, what: str, *, most: int) -> float:
        """A number of the body above 0; raises Refusal 422, which says `what` it counts, for another value."""
        given = self.body.get(name)
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= most:
            raise Refusal(422, f"is a {what} above 0, at most {most:,}", field=name)
        return float(given)


def among(name: str, given: str, words: Sequence[str]) -> str:
    """A word of a query, one of `words`; raises Refusal 400 for another one."""
    if given in words:
        return given
    told = f"'{name}' is one of {', '.join(filter(None, words))}, but it is '{given:.40}'"
    raise Refusal(400, told, code="invalid_query")


@dataclass(frozen=True)
class Content:
    """An answer that is no JSON."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
