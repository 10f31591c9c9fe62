"""Whom to ask: a server's address, taken apart and checked."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from omloop.core import API_KEY, PLATFORM_TOKEN, PROBE_KEY, SettingError, is_loopback


@dataclass(frozen=True)
class Target:
    """A server as a client reaches it. `prefix` stands before every path, for servers behind a proxy.

    `key` is for a server that asks for one: by default the value of the environment variable `OMLOOP_API_KEY`. `token`
    is for a platform before the server, by default the value of `OMLOOP_PLATFORM_TOKEN`. With a token, the key has a
    header of its own.
    """

    host: str
    port: int
    secure: bool = False
    prefix: str = ""
    key: str = field(default_factory=lambda: os.environ.get(API_KEY, "").strip(), repr=False)
    token: str = field(default_factory=lambda: os.environ.get(PLATFORM_TOKEN, "").strip(), repr=False)

    @classmethod
    def of(cls, url: str) -> "Target":
        """Take an address apart; raises SettingError for one that is no plain http or https address.

        >>> Target.of("http://127.0.0.1:8000/")
        Target(host='127.0.0.1', port=8000, secure=False, prefix='')
        """
        wanted = f"'{url}' is no address of a server. Give one such as http://127.0.0.1:8000."
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SettingError(wanted) from error
        plain = url.isascii() and url.isprintable() and " " not in url
        if not plain or parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            raise SettingError(wanted)
        if parts.query or parts.fragment:
            raise SettingError(wanted)
        secure = parts.scheme == "https"
        return cls(host, port or (443 if secure else 80), secure, parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """The address again."""
        return f"http{'s' if self.secure else ''}://{self.place}{self.prefix}"

    @property
    def place(self) -> str:
        """Host and port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def here(self) -> bool:
        """Whether the address is certainly this machine's own, and nobody else's.

        >>> [Target.of(f"http://{host}").here for host in ("localhost", "127.0.0.9", "[::1]", "10.0.0.1", "omloop.org")]
        [True, True, True, False, False]
        """
        return is_loopback(self.host)

    def get(self, path: str) -> bytes:
        """The bytes of a request for `path`."""
        return f"GET {self.prefix}{path} HTTP/1.1\r\n{self._head()}\r\n".encode()

    def _head(self) -> str:
        """The headers of any request."""
        bearer = self.token or self.key
        first = f"host: {self.place}\r\n" + (f"authorization: Bearer {bearer}\r\n" if bearer else "")
        return first + (f"x-api-key: {self.key}\r\n" if self.token and self.key else "")

    def post(self, path: str, body: bytes) -> bytes:
        """The bytes of a request that sends JSON to `path`; by its key, nobody takes the answer for a live one."""
        head = f"POST {self.prefix}{path} HTTP/1.1\r\n{self._head()}content-type: application/json\r\n"
        return f"{head}x-caller-key: {PROBE_KEY}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
