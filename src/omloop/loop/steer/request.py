"""What a route is given, and what it may answer besides a JSON value."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omloop.serve.access.roles import ADMIN, READ
from omloop.serve.refusal import Refusal

if TYPE_CHECKING:
    from omloop.loop.steer.caches import Caches
    from omloop.loop.workspace import Workspace


@dataclass(frozen=True)
class Ask:
    """One request: the parts of its path, its query, and its body, a JSON object.

    `by` is who asks, by the name of its key, for the history. `writable` says whether it may change something.
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
        """The project that the path names; it is known."""
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
        given = self.query.get(name) or default
        if given in words or given == default:
            return given
        raise Refusal(400, f"'{name}' is one of {', '.join(words)}, but it is '{given:.40}'", code="invalid_query")

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


@dataclass(frozen=True)
class Content:
    """An answer that is no JSON."""

    content: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SteerRoute:
    """One address below `/api/v1`. `answer` blocks, gives a JSON value or a Content, and runs in a thread."""

    method: str
    path: str
    answer: Callable[[Ask], object]

    @property
    def role(self) -> str:
        """Who may: `read` for what changes nothing, else `admin`."""
        return role_of_method(self.method)


def role_of_method(method: str) -> str:
    """The role that a request of that method needs.

    >>> role_of_method("GET"), role_of_method("POST")
    ('read', 'admin')
    """
    return READ if method in ("GET", "HEAD") else ADMIN


def command_line(*words: str, **options: str | None) -> str:
    """The command line that does the same as a route, as a shell takes it; options without a value are left out.

    >>> command_line("promote", "demo", "4f1c0b", reason="it's better", force=None)
    'omloop promote demo 4f1c0b --reason "it\\'s better"'
    >>> command_line("rollback", "demo", reason="-1 % since noon")
    "omloop rollback demo '--reason=-1 % since noon'"
    """
    given = [
        word
        for name, value in options.items()
        if value
        for word in ([f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value])
    ]
    return " ".join(map(_quoted, ["omloop", *words, *given]))


def _quoted(word: str) -> str:
    """A word as a shell takes it; in double quotes where that reads better."""
    plain = "'" in word and not any(sign in word for sign in '"$`\\!\n')
    return f'"{word}"' if plain else shlex.quote(word)
