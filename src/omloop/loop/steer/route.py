"""One route: its method, its address, and who may ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omloop.serve.access.roles import ADMIN, READ

if TYPE_CHECKING:
    from omloop.loop.steer.request import Ask


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
