"""Connections only to public addresses, for addresses from a file or a variable: they must not lead into this network.

It resolves the name once, and connects to the judged address, so that no second answer of a name server leads elsewhere
(DNS rebinding). It refuses private, loopback and link-local addresses, and with the last the clouds' metadata services
(169.254.169.254, fd00:ec2::254). It also refuses addresses that hide one (IPv4 in IPv6, 6to4, NAT64). Behind a proxy,
the proxy connects and must refuse; here it judges only a literal address.
"""

import http.client
import ipaddress
import socket
import ssl
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from omloop.core import OmloopError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HOW = "To allow it, give the sink: private_addresses: allow"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet.

    >>> [is_public(one) for one in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    found = _within(ipaddress.ip_address(address.partition("%")[0]))
    return found.is_global and not found.is_multicast and not found.is_reserved


def public_opener(*handlers: Any) -> urllib.request.OpenerDirector:
    """An opener of http and https addresses, if they are public; it uses the environment's proxy as usual."""
    return urllib.request.build_opener(_Http, _Https, *handlers)


class PrivateAddressError(OmloopError):
    """A name leads to this machine or its network."""


def _connected(host: str, port: int, timeout: Any) -> socket.socket:
    """A connection to the first address of a name that answers; raises PrivateAddressError if any is not public."""
    found = [place for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for place in found:
        _require_public(str(place[0]))
    error: OSError | None = None
    for place in found:
        try:
            return socket.create_connection((str(place[0]), port), timeout)
        except OSError as failed:
            error = failed
    raise error or OSError("no address")


def _require_public(address: str) -> None:
    if not is_public(address):
        raise PrivateAddressError(f"its address, {address}, is of this machine or its network. {_HOW}")


def _within(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _PublicConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = _connected(self.host, self.port, self.timeout)


class _PublicTlsConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        plain = _connected(self.host, self.port, self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_PublicConnection, req) if _is_direct(req) else super().http_open(req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_PublicTlsConnection, req) if _is_direct(req) else super().https_open(req)


def _is_direct(request: urllib.request.Request) -> bool:
    """Whether no proxy is in between; for a request through one, it judges a literal address."""
    tunnel = getattr(request, "_tunnel_host", None)
    if not request.has_proxy() and not tunnel:
        return True
    host = urlsplit(request.full_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost":
            _require_public("127.0.0.1")
    else:
        _require_public(host)
    return False
