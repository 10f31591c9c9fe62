"""What keys cost: p50 of a request to a server with keys beside one without, over one connection each, in turn.

    python benchmarks/serve/access.py [--rounds 40] [--requests 500]

Each is a server in a process of its own, of a linear model of 3 columns whose predictions are kept in memory, so that
nothing is measured but the way of a request. "everything" asks for a key and its role, knows its names, and bounds the
rate; "token" is a bearer token of an identity provider (RS256), which is checked once a minute and needs the extra
`oidc`. Printed are the medians, and for each the median of the ratios of the rounds to the server without keys.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from omloop.serve.access.key_source import write_keys
from omloop.serve.access.keys import make_key

BODY = b'{"rows": [{"hours": 1, "age": 20, "sex": "m"}]}'
HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: application/json\r\n"
SERVER = """
import itertools, sys
from pathlib import Path
from omloop.serve import Champion, ServerOptions, create_app, serve
from omloop.serve.access.guard import Guard
from omloop.serve.access.hosts import Hosts
from omloop.serve.access.key_source import KeyRing, KeySource
from omloop.serve.access.rates import Rates
from omloop.testing.bundles import tiny_bundle
from omloop.testing.memories import MemoryVersions
class Forgetful:
    def __getattr__(self, name):
        return lambda *args, **kwargs: None
what, path, issuer = sys.argv[1:]
ring = KeyRing(KeySource(Path(path)))
ring.load()
if what == "open":
    guard = Guard()
elif what == "keys":
    guard = Guard(keys=ring)
elif what == "everything":
    guard = Guard(keys=ring, hosts=Hosts(["api.example.com"]), rates=Rates(100_000_000))
else:
    from omloop.serve.access.tokens import Issuer, Tokens
    guard = Guard(tokens=Tokens(Issuer(issuer, "omloop", issuer)))
ids = itertools.count()
app = create_app(Champion(MemoryVersions(tiny_bundle()), threads=1), Forgetful(), new_id=lambda: f"p{next(ids):09}",
                 options=ServerOptions(guard=guard))
serve(app, port=0, ready=lambda address: print(address, flush=True))
"""


def main(words: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, made = Path(folder, "keys.jsonl"), [make_key(["predict"], "", "") for _ in range(100)]
        write_keys(path, [one.key for one in made])
        issuer, token = provided()
        shown = {
            "open": "",
            "keys": made[50].secret,
            "everything": made[50].secret,
            **({"token": token} if token else {}),
        }
        servers = {what: started(what, path, issuer) for what in shown}
        try:
            asked = {what: connected(process, shown[what]) for what, process in servers.items()}
            for one in asked.values():
                p50(*one, words.requests)
            rounds = [{what: p50(*one, words.requests) for what, one in asked.items()} for _ in range(words.rounds)]
        finally:
            for process in servers.values():
                process.terminate()
    for what in shown:
        median = statistics.median(one[what] for one in rounds)
        ratio = statistics.median(one[what] / one["open"] for one in rounds)
        print(f"{what:12} {median:6.1f} us, ratio of p50 to 'open' {ratio:.3f}, {words.rounds} rounds")


def started(what: str, path: Path, issuer: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", SERVER, what, str(path), issuer]
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE)


def connected(process: Any, credential: str) -> tuple[socket.socket, bytes]:
    port = int(process.stdout.readline().rsplit(b":", 1)[1])
    shown = f"Authorization: Bearer {credential}\r\n".encode() if credential else b""
    return socket.create_connection(("127.0.0.1", port)), HEAD + shown + b"Content-Length: %d\r\n\r\n" % len(
        BODY
    ) + BODY


def p50(connection: socket.socket, asked: bytes, requests: int) -> float:
    """Microseconds of a request."""
    times = []
    for _ in range(requests):
        began = time.perf_counter()
        connection.sendall(asked)
        answer = connection.recv(65536)
        while not answer.endswith(b"]}"):  # head and body of the long way
            answer += connection.recv(65536)
        times.append(time.perf_counter() - began)
        assert answer.startswith(b"HTTP/1.1 200"), answer
    return statistics.median(times) * 1e6


def provided() -> tuple[str, str]:
    """The address of an identity provider's keys, and a token of its; neither without the extra."""
    try:
        import jwt
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        return "", ""
    secret = rsa.generate_private_key(65537, 2048)
    public = {**jwt.algorithms.RSAAlgorithm.to_jwk(secret.public_key(), as_dict=True), "kid": "a"}

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [public]}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    claims = {"iss": url, "aud": "omloop", "sub": "a", "exp": time.time() + 3600, "roles": ["predict"]}
    return url, jwt.encode(claims, secret, "RS256", headers={"kid": "a"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=500)
    main(parser.parse_args())
