"""The socket that the server listens on."""

import contextlib
import errno
import socket
import sys
from collections.abc import Iterator

from omloop.core import ServeError

BACKLOG = 2048


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens already, so that a taken port is known before anything is loaded; port 0 takes a free one.

    Raises ServeError when the address cannot be listened on.
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
