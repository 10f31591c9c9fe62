"""What hostile requests cost a server, in memory and in the time that others wait; for several trees of the source.

    python benchmarks/serve/hostile.py [--tree now=. --tree before=path/to/checkout] [--only pixels ...]

Every case goes to a server of its own: `omloop.testing`'s tiny models behind a real prediction log, two threads. While
it lasts `/healthz` is asked every 20 ms by another process. A line a case and tree: the memory that was added at most
(VmHWM) and 3 s after the end (VmRSS), p99 and maximum of the health checks, the slowest answer of a 200, and how often
each status came (`-` is no answer within 120 s, or a connection that was closed). `--megabytes` is what requests may
take together, in trees that know such a limit. Needs Linux.

With `--ordinary ROUNDS` the servers of all trees are up at once and are asked for one small prediction after the other,
2,000 in turn: CPU time of the server and p50 of an answer, medians of the rounds, then the ratios to the last tree.
With `--decoding` pictures of 39.7 megapixels are decoded, each by a process of its own: bytes and CPU time a pixel.
With `--passes N` a server of a table gets the same 350 broken requests so many times: its memory after each pass.
"""

import argparse
import base64
import io
import multiprocessing
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import PIL.Image

HERE = Path(__file__).parent
SIDE = 6_300
PATIENCE_S, PING_S, SETTLE_S = 120.0, 0.02, 3.0
SERVER = """
import sys
from dataclasses import fields
from pathlib import Path
from omloop.kinds import Image
from omloop.monitor import new_id
from omloop.monitor.files import FilePredictions
from omloop.serve import Champion, Limits, ServerOptions, create_app, running
from omloop.testing import bundles
from omloop.testing.memories import MemoryVersions

what, folder, megabytes = sys.argv[1:]
bundle = bundles.tiny_bundle() if what == "table" else bundles.tiny_image_bundle(kind=Image(224, 224))
given = {"memory_bytes": int(megabytes) * 1_000_000} if "memory_bytes" in {f.name for f in fields(Limits)} else {}
champion = Champion(MemoryVersions(bundle), threads=1)
options = ServerOptions(Limits(workers=2, **given), compat=("kserve", "mlflow"))
app = create_app(champion, FilePredictions(Path(folder)), new_id=new_id, options=options)
with running(app) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@dataclass
class Seen:
    """How often each status came, and the seconds until each 200. Threads add to it."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """What is sent to which model: bodies by so many clients, or whatever `act` does."""

    model: str
    act: Callable[[str, Seen], None]


def posts(
    bodies: Callable[[], Sequence[tuple[bytes, str]]], *, clients: int, seconds: float = 0.0
) -> Callable[[str, Seen], None]:
    """Each client sends all bodies once, or goes on for so many seconds; who is refused then waits for a second."""

    def act(url: str, seen: Seen) -> None:
        ready = list(bodies())

        def client() -> None:
            until = time.monotonic() + seconds
            while True:
                for body, media in ready:
                    began = time.perf_counter()
                    status = answered(url, body, media)
                    seen.statuses[status] += 1
                    if status == "200":
                        seen.seconds.append(time.perf_counter() - began)
                    elif seconds:
                        time.sleep(1)
                if time.monotonic() >= until:
                    return

        together([client] * clients)

    return act


def held(count: int, size: int, seconds: float) -> Callable[[str, Seen], None]:
    """Uploads that stay a byte short, and are then given up; ordinary requests are sent meanwhile."""

    def act(url: str, seen: Seen) -> None:
        head = (
            b"POST /v1/predict HTTP/1.1\r\nHost: [::1]\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % size
        )

        def upload() -> None:
            with suppress(OSError), connected(url) as connection:
                connection.sendall(head + bytes(size - 1))
                time.sleep(seconds)

        def ordinary() -> None:
            for _ in range(20):
                time.sleep(seconds / 20)
                began = time.perf_counter()
                seen.statuses[answered(url, small(), "image/png")] += 1
                seen.seconds.append(time.perf_counter() - began)

        together([*[upload] * count, ordinary])

    return act


def unread(count: int, rows: int) -> Callable[[str, Seen], None]:
    """Clients that ask for long answers and read nothing for five seconds."""

    def act(url: str, seen: Seen) -> None:
        (body, media), *_ = table_rows(rows)

        def client() -> None:
            with suppress(OSError), connected(url) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(request(body, media))
                time.sleep(5)
                seen.statuses[connection.recv(12)[9:].decode() or "-"] += 1

        together([client] * count)

    return act


def small() -> bytes:
    """An ordinary picture."""
    return saved(PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), "PNG")


def saved(image: PIL.Image.Image, form: str, **how: object) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **how)
    return written.getvalue()


def palette() -> bytes:
    """A PNG of 39.7 megapixels in 5 kB, transparent."""
    lines = zlib.compress(bytes((SIDE + 7) // 8 * SIDE + SIDE), 9)
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 1, 3, 0, 0, 0)),
        (b"PLTE", b"\0\0\0\xff\xff\xff"),
        (b"tRNS", b"\0\x80"),
        (b"IDAT", lines),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def forms() -> list[tuple[bytes, str]]:
    part = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n%b\r\n' % palette()
    return [(part * 4 + b"--x--\r\n", "multipart/form-data; boundary=x")]


def in_json() -> list[tuple[bytes, str]]:
    row = b'{"image": "%b"}' % base64.b64encode(palette())
    return [(b'{"rows": [%b]}' % b",".join([row] * 4), "application/json")]


def large_formats() -> list[tuple[bytes, str]]:
    """39.7 megapixels as WebP, as a progressive JPEG, as a GIF, and as a PNG of 16 bits."""
    plain = PIL.Image.new("RGB", (SIDE, SIDE), (10, 200, 30))
    return [
        (saved(plain, "WEBP", lossless=True), "image/webp"),
        (saved(plain, "JPEG", progressive=True, subsampling=0), "image/jpeg"),
        (saved(PIL.Image.new("P", (SIDE, SIDE)), "GIF", transparency=0), "image/gif"),
        (saved(PIL.Image.new("I;16", (SIDE, SIDE), 40_000), "PNG"), "image/png"),
    ]


def many_pieces() -> list[tuple[bytes, str]]:
    """1.3 million empty chunks, 3.9 million comments, and blocks of one byte: 16 MB each."""
    grey = PIL.Image.new("L", (8, 8))
    png, jpeg = saved(grey, "PNG"), saved(grey, "JPEG")
    return [
        (png[:33] + chunk(b"teSt", b"") * 1_300_000 + png[33:], "image/png"),
        (jpeg[:2] + b"\xff\xfe\0\2" * 3_900_000 + jpeg[2:], "image/jpeg"),
        (b"GIF89a\2\0\2\0\0\0\0\x21\xfe" + b"\1x" * 7_900_000 + b"\0", "image/gif"),
    ]


def table_rows(count: int) -> list[tuple[bytes, str]]:
    row = b'{"hours": 1.5, "age": 20, "sex": "m"}'
    return [(b'{"rows": [%b]}' % b",".join([row] * count), "application/json")]


CASES = {
    "pixels in forms": Case("picture", posts(forms, clients=8)),
    "pixels in JSON": Case("picture", posts(in_json, clients=8)),
    "pixels alone": Case("picture", posts(lambda: [(palette(), "image/png")], clients=16)),
    "other formats": Case("picture", posts(large_formats, clients=4)),
    "many pieces": Case("picture", posts(many_pieces, clients=2)),
    "held uploads": Case("picture", held(40, 15_900_000, 4.0)),
    "rows": Case("table", posts(lambda: table_rows(1_500), clients=250, seconds=10.0)),
    "rows and small": Case("table", posts(lambda: [*table_rows(5_000), *table_rows(1)], clients=32, seconds=6.0)),
    "unread answers": Case("table", unread(40, 9_000)),
}


def main(words: argparse.Namespace) -> None:
    trees = dict(tree.split("=", 1) for tree in words.tree or [f"now={HERE.parent.parent}"])
    if words.ordinary:
        ordinary(trees, words.ordinary, words.megabytes)
        return
    if words.decoding:
        for tree, path in trees.items():
            for name, content in decoded_formats():
                print(f"{tree:<9}{name:<22}{decoding(Path(path), content)}", flush=True)
        return
    if words.passes:
        for tree, path in trees.items():
            print(f"{tree:<9}MB after each pass: {' '.join(passes(Path(path), words.passes, words.megabytes))}")
        return
    print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}; requests may take {words.megabytes} MB")
    print(
        f"{'':<18}{'':<8}{'added MB':>9}{'kept MB':>9}{'p99 ms':>9}{'max ms':>9}{'slowest s':>10}{'all s':>8}  statuses"
    )
    for name, case in CASES.items():
        if words.only and not any(name.startswith(one) for one in words.only):
            continue
        for tree, path in trees.items():
            print(f"{name:<18}{tree:<8}{line(case, Path(path), words.megabytes)}", flush=True)


@contextmanager
def serving(model: str, tree: Path, megabytes: int) -> Iterator[tuple[str, int]]:
    """A server of one tree that has answered once: its address and its process."""
    source = {**os.environ, "PYTHONPATH": str(tree / "src"), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVER, model, folder, str(megabytes)]
        with subprocess.Popen(
            command, env=source, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert answered(url, *plain(model)) == "200"
            yield url, server.pid
            server.communicate()


def plain(model: str) -> tuple[bytes, str]:
    """An ordinary small request."""
    return (small(), "image/png") if model == "picture" else table_rows(1)[0]


def line(case: Case, tree: Path, megabytes: int) -> str:
    """One case against one tree."""
    with serving(case.model, tree, megabytes) as (url, process):
        before, seen = memory(process, "VmRSS"), Seen()
        Path(f"/proc/{process}/clear_refs").write_text("5")  # VmHWM begins anew (proc(5))
        ours, theirs = multiprocessing.Pipe()
        pinging = multiprocessing.Process(target=pings, args=(url, theirs), daemon=True)
        pinging.start()
        began = time.perf_counter()
        case.act(url, seen)
        lasted = time.perf_counter() - began
        ours.send("stop")
        waits = np.array(ours.recv()) * 1000
        time.sleep(SETTLE_S)
        added, kept = memory(process, "VmHWM") - before, memory(process, "VmRSS") - before
    slowest = max(seen.seconds, default=0.0)
    figures = (
        f"{added / 1e6:>9.0f}{kept / 1e6:>9.0f}{np.percentile(waits, 99):>9.0f}{waits.max():>9.0f}{slowest:>10.2f}"
    )
    return f"{figures}{lasted:>8.1f}  {dict(sorted(seen.statuses.items()))}"


def ordinary(trees: Mapping[str, str], rounds: int, megabytes: int) -> None:
    """Small requests, the trees in turn."""
    for model in ("table", "picture"):
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        with ExitStack() as stack:
            up = {name: stack.enter_context(serving(model, Path(path), megabytes)) for name, path in trees.items()}
            for index in range(rounds + 1):
                for name, (url, process) in up.items():
                    figures = asked(url, process, *plain(model))
                    if index:  # nobody is measured cold
                        found[name].append(figures)
        medians = {name: np.median(figures, axis=0) for name, figures in found.items()}
        last = np.array(found[list(trees)[-1]])
        for name, (cpu, wait) in medians.items():
            ratios = np.median(np.array(found[name]) / last, axis=0)
            print(f"{model:<9}{name:<9}{cpu:7.1f} us CPU ({ratios[0]:.3f}){wait:8.1f} us p50 ({ratios[1]:.3f})")


DECODE = """
import sys, time
from pathlib import Path
from omloop.kinds.image.decode import decode

def most():
    return 1024 * next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

def one(name):
    return decode(Path(name).read_bytes(), 224, 224, 3, fit="stretch", most_pixels=40_000_000, most_frames=100)

one(sys.argv[1])
before, began = most(), time.process_time()
pixels = int(sys.argv[3]) ** 2
one(sys.argv[2])
print(f"{(most() - before) / pixels:6.2f} bytes a pixel {(time.process_time() - began) / pixels * 1e9:6.1f} ns a pixel")
"""


def decoded_formats() -> Iterator[tuple[str, bytes]]:
    """The same square in every format and mode that takes another way through a decoder."""
    plain, clear = PIL.Image.new("RGB", (SIDE, SIDE), (10, 200, 30)), PIL.Image.new("RGBA", (SIDE, SIDE), (9, 9, 9, 99))
    yield "PNG, palette", palette()
    yield "PNG, RGB", saved(plain, "PNG")
    yield "PNG, RGBA", saved(clear, "PNG")
    yield "PNG, 16 bits", saved(PIL.Image.new("I;16", (SIDE, SIDE), 40_000), "PNG")
    yield "GIF", saved(PIL.Image.new("P", (SIDE, SIDE)), "GIF", transparency=0)
    yield "WebP", saved(plain, "WEBP")
    yield "WebP, transparent", saved(clear, "WEBP", lossless=True)
    yield "BMP", saved(plain, "BMP")
    yield "JPEG", saved(plain, "JPEG")
    yield "JPEG, progressive", saved(plain, "JPEG", progressive=True, subsampling=0)


def decoding(tree: Path, content: bytes) -> str:
    """What decoding one file takes."""
    with tempfile.TemporaryDirectory() as folder:
        first, file = Path(folder, "first"), Path(folder, "file")
        first.write_bytes(small())
        file.write_bytes(content)
        command = [sys.executable, "-c", DECODE, str(first), str(file), str(SIDE)]
        source = {**os.environ, "PYTHONPATH": str(tree / "src")}
        return subprocess.run(command, env=source, check=True, capture_output=True, text=True).stdout.strip()


def passes(tree: Path, count: int, megabytes: int) -> list[str]:
    """The memory of one server after each pass over all broken requests."""
    taken = []
    with serving("table", tree, megabytes) as (url, process):
        for _ in range(count):
            for broken in broken_requests():
                with suppress(OSError), connected(url) as connection:
                    connection.sendall(broken)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65_536):
                        pass
            time.sleep(1)
            taken.append(f"{memory(process, 'VmRSS') / 1e6:.1f}")
    return taken


def broken_requests() -> Iterator[bytes]:
    """350 requests: a good body with some bytes changed, cut or repeated, to addresses of every kind; of seed 0."""
    chance = random.Random(0)
    paths = ["/v1/predict"] * 4 + ["/v1/feedback", "/v2/models/tiny/infer", "/invocations", "/v1/predictions/none"]
    media = ["application/json"] * 6 + ["text/csv", "text/x-nothing"]
    for index in range(350):
        body = bytearray(table_rows(chance.choice([1, 3, 300, 5_000]))[0][0])
        for _ in range(chance.randint(0, 5)):
            where, span = chance.randrange(len(body) + 1), chance.choice([1, 1, 7, 500])
            piece = chance.choice([b"", b"[" * span, chance.randbytes(span), b'"word%d"' % index, b"9" * span])
            body[where : where + span] = piece
        yield request(bytes(body), chance.choice(media)).replace(b"/v1/predict", chance.choice(paths).encode(), 1)


def asked(url: str, process: int, body: bytes, media: str) -> tuple[float, float]:
    """Microseconds of the server's CPU a request, and of its median answer, of 2,000 over one connection."""
    whole, waits = request(body, media).replace(b"Connection: close\r\n", b""), []
    with connected(url) as connection:
        before = cpu_s(process)
        for _ in range(2_000):
            began = time.perf_counter()
            connection.sendall(whole)
            assert connection.recv(65_536)[9:12] == b"200"
            waits.append(time.perf_counter() - began)
        return (cpu_s(process) - before) / 2_000 * 1e6, float(np.median(waits)) * 1e6


def cpu_s(process: int) -> float:
    parts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def pings(url: str, pipe: Connection) -> None:
    """Ask for the health, again and again, until told to stop; then tell the seconds of each."""
    waits = []
    while not (pipe.poll() and waits):
        began = time.perf_counter()
        with suppress(OSError), connected(url) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
            while connection.recv(4096):
                pass
        waits.append(time.perf_counter() - began)
        time.sleep(PING_S)
    pipe.send(waits)


def answered(url: str, body: bytes, media: str) -> str:
    """The status of one request over a connection of its own, `-` where there is none."""
    with suppress(OSError), connected(url) as connection:
        connection.sendall(request(body, media))
        received = bytearray()
        while found := connection.recv(65_536):
            received += found
        return received[9:12].decode() or "-"
    return "-"


def request(body: bytes, media: str) -> bytes:
    head = f"POST /v1/predict HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\nContent-Type: {media}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def connected(url: str) -> socket.socket:
    where = urlsplit(url)
    return socket.create_connection((str(where.hostname), int(where.port or 80)), timeout=PATIENCE_S)


def together(acts: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def memory(process: int, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * next(int(one.split()[1]) for one in lines if one.startswith(name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", action="append")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--ordinary", type=int, default=0, metavar="ROUNDS")
    parser.add_argument("--decoding", action="store_true")
    parser.add_argument("--passes", type=int, default=0, metavar="N")
    parser.add_argument("--megabytes", type=int, default=512)
    main(parser.parse_args())
