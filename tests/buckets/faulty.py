"""A proxy before a server of objects that answers wrongly when it is told to: POST /_fault with a list of faults.

A fault is `{"do": WHAT, "method": "PUT"}`, taken by the next request of that method: `unavailable` and `forbidden`
answer 503 and 403, `lost` has the request done and closes the connection without its answer, `cut` answers half,
`silent` answers nothing for a minute. The proxy prints its port and serves until its standard input ends.
"""

import http.client
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS: list[dict[str, str]] = []
ASKED: list[str] = []
LOCK = threading.Lock()
LEFT_OUT = ("transfer-encoding", "connection", "content-length")


class Handler(BaseHTTPRequestHandler):
    """Passes on what one connection asks."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_fault":
            with LOCK:
                FAULTS[:] = json.loads(body)
            return self._send(200, b"", {})
        if self.path == "/_asked":
            with LOCK:
                asked, ASKED[:] = json.dumps(ASKED).encode(), []
            return self._send(200, asked, {})
        with LOCK:
            ASKED.append(f"{self.command} {self.path}")
            found = next((one for one in FAULTS if one.get("method", self.command) == self.command), None)
            if found:
                FAULTS.remove(found)
        fault = found["do"] if found else ""
        if fault in ("unavailable", "forbidden"):
            status = 503 if fault == "unavailable" else 403
            return self._send(status, b"", {})
        if fault == "silent":
            time.sleep(60)
            return self._cut()
        status, content, headers = self._ask(body)
        if fault == "lost":
            return self._cut()
        self._send(status, content, headers, cut=fault == "cut")
        return None

    def _ask(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        headers = {key: value for key, value in answer.getheaders() if key.lower() not in LEFT_OUT}
        length = answer.getheader("Content-Length") or "0"
        content = answer.read()
        connection.close()
        return (
            answer.status,
            content,
            {**headers, "Content-Length": length if self.command == "HEAD" else str(len(content))},
        )

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass_on


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)  # noqa: T201
    sys.stdin.read()
