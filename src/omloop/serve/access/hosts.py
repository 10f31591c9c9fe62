"""Which names callers may use for a server, and which pages may ask it.

In DNS rebinding, the name of a foreign page leads to this machine. The page then sends its own name as `Host`, so a
server that knows its names refuses it. Addresses and `localhost` cannot lead elsewhere, and are always known.

`Sec-Fetch-Site`, which no page can set, shows a page of another origin. If a browser has no such header, the server
compares `Origin` with `Host`, as Go's `net/http.CrossOriginProtection` does.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from omloop.core import SettingError, shown
from omloop.serve.access.roles import role_names

ANY = "*"
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_WITH_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{1,5})?")
_KEPT = 256
_OWN = (b"same-origin", b"none")


def host_names(setting: str) -> tuple[str, ...]:
    """The names of a comma-separated setting; raises SettingError for anything else.

    >>> host_names("api.example.com, *.internal")
    ('api.example.com', '*.internal')
    """
    found = role_names(setting)
    for name in found:
        if name != ANY and not _HOST.fullmatch(name):
            works = "*, or names such as api.example.com or *.example.com (in lower case, without a port)"
            raise SettingError.wrong_value(None, "hosts", shown(name), works)
    return found


class Hosts:
    """The names that a server answers to; with none, it answers to any."""

    def __init__(self, allowed: Sequence[str] = (ANY,)) -> None:
        self._any = ANY in allowed
        self._exact = {name for name in allowed if not name.startswith("*")}
        self._under = tuple(name[1:] for name in allowed if name.startswith("*."))
        self._known: set[bytes] = set()

    def __bool__(self) -> bool:
        return not self._any

    def know(self, host: bytes) -> bool:
        """Whether the value of a `Host` header may be, with or without a port."""
        if self._any or host in self._known:
            return True
        found = self._may(host.decode("latin-1").lower())
        if found and len(self._known) < _KEPT:
            self._known.add(host)
        return found

    def _may(self, host: str) -> bool:
        parts = _WITH_PORT.fullmatch(host)
        if parts is None:
            return False
        name = parts[1].rstrip(".")
        return is_address(name) or name == "localhost" or name in self._exact or name.endswith(self._under)


def is_address(name: str) -> bool:
    """Whether a name is an address, which no name server can point elsewhere.

    >>> is_address("127.0.0.1"), is_address("[::1]"), is_address("a.example")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_of_another_page(origin: bytes, site: bytes, host: bytes) -> bool:
    """Whether a browser says that a page of another origin asks; a client without a browser says nothing.

    >>> is_of_another_page(b"https://a.example", b"", b"a.example"), is_of_another_page(b"null", b"", b"a.example")
    (False, True)
    """
    if site:
        return site not in _OWN
    return bool(origin) and _authority(origin) != host.lower().removesuffix(b":80").removesuffix(b":443")


def _authority(origin: bytes) -> bytes:
    try:
        found = urlsplit(origin.decode("latin-1"))
    except ValueError:
        return b""
    return found.netloc.lower().encode("latin-1").removesuffix(b":80").removesuffix(b":443")
