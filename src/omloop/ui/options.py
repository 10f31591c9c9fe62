"""The options that the page starts with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omloop.ui.client import Source

UPLOAD_BYTES = 32_000_000
"""The page refuses a larger file before it reads it: a server takes no body as large."""


@dataclass(frozen=True)
class PageOptions:
    """Whom the page asks: `workspace` for what it keeps, and for each project the server at its address in `servers`.

    A project without an address there has the server that the workspace knows of. `server` makes the source for an
    address. `knows_host` says which host names the page answers to: not to a name that somebody made to lead here.
    `cookie` is the name of the cookie. Browsers do not tell the ports of a machine apart, so each page has its own
    name. `remote` is the address of another machine's page, where this page asks that one. If `changes_need_key`,
    visitors without a key change nothing, whatever the workspace would let this page do.
    """

    workspace: Source
    server: Callable[[str], Source]
    servers: Mapping[str, str] = field(default_factory=dict)
    knows_host: Callable[[bytes], bool] = lambda host: True
    upload_bytes: int = UPLOAD_BYTES
    cookie: str = "omloop"
    remote: str = ""
    changes_need_key: bool = False
