"""The socket that the server listens on."""

import contextlib
import ctypes
import errno
import socket
import struct
import sys
from collections.abc import Iterator

from omloop.core import ServeError, is_loopback

BACKLOG = 2048
"""Connections that the system keeps while nobody takes them; Linux lowers it to net.core.somaxconn."""
GRACE_S = 4.0
"""With the drain before and the log's last sending behind it below the 10 s that Docker and Cloud Run give a server."""
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER, which Python does not name


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, so that a taken port shows before anything loads; port 0 takes a free one.

    Raises ServeError if it cannot listen on the address.
    """
    if not 0 <= port <= 65535:  # getaddrinfo would take it modulo 65536
        raise ServeError(f"There is no port {port}. Choose one from 1 to 65535 with --port, or 0 for a free one.")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    with listener:
        try:
            if sys.platform != "win32":  # on Windows this option would let two programs share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(BACKLOG)
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        listener.setblocking(False)
        yield listener


def drain_of(seconds: int, host: str) -> float:
    """The drain that a setting asks for; below 0 it is 0 on loopback, where no balancer asks, and a second elsewhere.

    >>> drain_of(-1, "127.0.0.1"), drain_of(-1, "0.0.0.0"), drain_of(5, "127.0.0.1")
    (0.0, 1.0, 5.0)
    """
    if seconds >= 0:
        return float(seconds)
    return 0.0 if is_loopback(host) else 1.0


def turn_away(listener: socket.socket) -> None:
    """Have Linux drop new handshakes, so that closing the listener resets no finished one.

    The filter loads the byte of the TCP flags and drops packets with SYN set (McCanne and Jacobson 1993, The BSD packet
    filter). A client tries again a second later, and is refused.
    """
    if sys.platform != "linux":
        return
    steps = b"".join(
        struct.pack("HBBI", *step) for step in ((0x30, 0, 0, 13), (0x45, 0, 1, 2), (6, 0, 0, 0), (6, 0, 0, 2**32 - 1))
    )
    program = ctypes.create_string_buffer(steps)
    with contextlib.suppress(OSError):  # a sandbox that allows no filter
        listener.setsockopt(
            socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HP", len(steps) // 8, ctypes.addressof(program))
        )


def address(listener: socket.socket) -> str:
    """Where clients find the socket, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cannot_listen(host: str, port: int, error: OSError) -> ServeError:
    if error.errno == errno.EADDRINUSE:
        return ServeError(
            f"Port {port} is taken by another program. Choose another with --port, or --port 0 for a free one."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return ServeError(f"Port {port} needs more rights than you have. Choose one above 1023 with --port.")
    return ServeError(
        f"Cannot listen on '{host}' ({error}). Choose an address of this machine with --host, such as 127.0.0.1."
    )
