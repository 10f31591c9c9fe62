"""What the page is told when it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omloop.ui.client import Source

UPLOAD_BYTES = 32_000_000
"""A larger file is refused before it is read: a server takes no body as large."""


@dataclass(frozen=True)
class PageOptions:
    """Whom the page asks: `workspace` for what is kept, and for each project the server at the address of `servers`.

    A project without an address there has the server that the workspace knows of. `server` makes what asks an address.
    `knows_host` says by which names the page may be asked: a name that was made to lead here is none of them. `cookie`
    is the name of the cookie. Browsers do not tell the ports of a machine apart, so each page has its own name.
    `remote` is the address of another machine's page, where that is asked. If `changes_need_key`, nothing is changed
    for whoever gave no key, whatever the workspace would let this page do.
    """

    workspace: Source
    server: Callable[[str], Source]
    servers: Mapping[str, str] = field(default_factory=dict)
    knows_host: Callable[[bytes], bool] = lambda host: True
    upload_bytes: int = UPLOAD_BYTES
    cookie: str = "omloop"
    remote: str = ""
    changes_need_key: bool = False
