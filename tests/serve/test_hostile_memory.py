"""A server's memory stays bounded, whatever is poured into it."""

import base64
import contextlib
import io
import itertools
import socket
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import PIL.Image
import pytest

pytestmark = [
    pytest.mark.parametrize("way", ["short", pytest.param("long", marks=pytest.mark.slow)]),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]

# A process of its own, so that its memory is a server's alone; it ends when its standard input does.
SERVER = """
import itertools, sys
from omloop.serve import Champion, Limits, ServerOptions, create_app, running
from omloop.testing import bundles
from omloop.testing.memories import MemoryPredictions, MemoryVersions

way, bundle = sys.argv[1:]
champion = Champion(MemoryVersions(getattr(bundles, bundle)()), threads=1)
ids = itertools.count()
options = ServerOptions(Limits(workers=1, body_s=1))
app = create_app(champion, MemoryPredictions(), new_id=lambda: str(next(ids)), options=options)
with running(app, short=way == "short") as url:
    print(url, flush=True)
    sys.stdin.read()
"""
MOST_GROWTH = 120_000_000
POURED = 100_000_000
PREDICT = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@dataclass
class Process:
    """A server in a process of its own."""

    url: str
    pid: int

    @property
    def resident(self) -> int:
        """The largest that its memory has been, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))

    def pour(self, pieces: Iterator[bytes]) -> bytes:
        """Send until all is sent or the server has had enough; gives the beginning of what it says."""
        where = urlsplit(self.url)
        with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
            with contextlib.suppress(ConnectionError, TimeoutError):
                for piece in pieces:
                    connection.sendall(piece)
            with contextlib.suppress(ConnectionError, TimeoutError):
                return connection.recv(100)
        return b""

    def post(self, body: bytes, media: str) -> int:
        answer = httpx.post(
            f"{self.url}/v1/predict", content=body, headers={"content-type": media}, trust_env=False, timeout=60
        )
        return answer.status_code


@contextlib.contextmanager
def process(way: str, bundle: str) -> Iterator[Process]:
    command = [sys.executable, "-c", textwrap.dedent(SERVER), way, bundle]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        yield Process(server.stdout.readline().decode().strip(), server.pid)
        _, errors = server.communicate()
    assert b"Traceback" not in errors, errors


def endless(piece: bytes, seconds: float = 2.5) -> Iterator[bytes]:
    """The same piece for a while, beyond the second that a request has."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield piece


STREAMS = {
    "100 MB of JSON, declared": lambda: itertools.chain(
        [PREDICT + b"Content-Length: %d\r\n\r\n" % POURED, b'{"rows": ['], [b"0," * 500_000] * 100
    ),
    "100 MB of JSON in chunks": lambda: itertools.chain(
        [PREDICT + b"Transfer-Encoding: chunked\r\n\r\n"], [b"f4240\r\n%s\r\n" % (b"0," * 500_000)] * 100
    ),
    "chunks without an end": lambda: itertools.chain(
        [PREDICT + b"Transfer-Encoding: chunked\r\n\r\n"], endless(b"1\r\nx\r\n" * 10_000)
    ),
    "the extension of a chunk without an end": lambda: itertools.chain(
        [PREDICT + b"Transfer-Encoding: chunked\r\n\r\n1;"], endless(b"x" * 100_000)
    ),
    "trailers without an end": lambda: itertools.chain(
        [PREDICT + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"], endless(b"x: y\r\n" * 10_000)
    ),
    "headers without an end": lambda: itertools.chain([PREDICT], endless(b"x: y\r\n" * 10_000)),
    "one header without an end": lambda: itertools.chain([PREDICT + b"x: "], endless(b"y" * 100_000)),
    "an address without an end": lambda: itertools.chain([b"GET /"], endless(b"y" * 100_000)),
    "a body that nobody reads": lambda: itertools.chain(
        [b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"],
        endless(b"186a0\r\n%s\r\n" % (b"x" * 100_000)),
    ),
    "empty lines without an end": lambda: endless(b"\r\n" * 50_000),
}
# A server that is not ours keeps all headers, however many: it needs a proxy in front that does not.
ONLY_OURS = {
    "trailers without an end",
    "headers without an end",
    "one header without an end",
    "an address without an end",
}


def png_bomb() -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0))
    packed = zlib.compress(bytes(2**28), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"zTXt", b"x\0\0" + packed) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def pixel() -> bytes:
    written = io.BytesIO()
    PIL.Image.new("L", (1, 1)).save(written, "GIF")
    return written.getvalue()


@pytest.mark.timeout(300)
def test_what_is_streamed_without_an_end_takes_no_memory(way):
    """Each stream once, and then a good request, which is answered."""
    good = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
    with process(way, "tiny_bundle") as server:
        assert server.post(good, "application/json") == 200
        assert server.post(b"[" * 900_000, "application/json") == 400
        assert server.post(b"", "text/x-nothing") == 415
        before = server.resident
        for name, stream in STREAMS.items():
            if way == "long" and name in ONLY_OURS:
                continue
            server.pour(stream())
            assert server.resident - before < MOST_GROWTH, name
            assert server.post(good, "application/json") == 200, name


@pytest.mark.timeout(300)
def test_bodies_that_are_larger_when_they_are_read_take_bounded_memory(way):
    """Numbers in JSON as objects of Python's, and many hands at once."""
    with process(way, "tiny_bundle") as server:
        assert server.post(b"{}", "application/json") == 422
        before = server.resident
        for body, media, wanted in (
            (b'{"rows": [' + b"{}," * 320_000 + b"{}]}", "application/json", 422),
            (b'{"rows": [' + b"[" * 500_000, "application/json", 400),
            (b'{"rows": [{' + b",".join(b'"%d":0' % key for key in range(90_000)) + b"}]}", "application/json", 422),
            (b'"' + b"\\u0000" * 160_000 + b'"', "application/json", 422),
            (b"1" * 999_000, "application/json", 422),
            (b"hours,age,sex\n" + b"1,20,m\n" * 140_000, "text/csv", 422),
            (b"," * 999_000 + b"\n" + b"," * 900, "text/csv", 422),
            (b"\n" * 999_000, "text/csv", 422),
        ):
            assert server.post(body, media) == wanted, body[:20]
            assert server.resident - before < MOST_GROWTH, body[:20]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pictures_that_are_larger_when_they_are_read_take_bounded_memory(way):
    """Bombs of text and of pixels, and a form of a thousand files."""
    with process(way, "tiny_image_bundle") as server:
        spelt = base64.b64encode(pixel())
        assert server.post(pixel(), "image/gif") == 200
        before = server.resident
        parts = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n' + pixel() + b"\r\n"
        for body, media, wanted in (
            (png_bomb(), "image/png", 422),
            (b'{"rows": [' + b",".join([b'{"image": "%s"}' % spelt] * 11_000) + b"]}", "application/json", 422),
            (parts * 1000 + b"--x--", "multipart/form-data; boundary=x", 200),
            (parts * 100_000, "multipart/form-data; boundary=x", 422),
            (b"--x\r\n" * 3_000_000, "multipart/form-data; boundary=x", 422),
            (b"GIF89a\2\0\2\0\0\0\0" + b"\x21\xfe\0" * 5_000_000, "image/gif", 422),
            (b"\xff\xd8\xff" + b"\xe0\0\2\xff" * 3_900_000, "image/jpeg", 422),
        ):
            assert server.post(body, media) == wanted, body[:20]
            assert server.resident - before < MOST_GROWTH, body[:20]
