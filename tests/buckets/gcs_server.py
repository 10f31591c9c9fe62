"""A small server of Google Cloud Storage's JSON API on loopback, in memory: what omloop's stores and sources ask of it.

It honours `ifGenerationMatch`, which gcp-storage-emulator ignores. It prints its port and serves until its standard
input ends. The API: https://cloud.google.com/storage/docs/json_api/v1
"""

import base64
import hashlib
import json
import re
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

OBJECT = re.compile(r"(?:/download)?/storage/v1/b/([^/]+)/o/(.+)")
LISTING = re.compile(r"/storage/v1/b/([^/]+)/o/?")
UPLOAD = re.compile(r"/upload/storage/v1/b/([^/]+)/o")
BUCKET = re.compile(r"/storage/v1/b/([^/]+)")
PAGE = 3
"""Names of one page: so few that whoever does not follow pages finds out."""


@dataclass
class Stored:
    """One object."""

    content: bytes
    generation: int
    metadata: dict[str, str]
    type: str


@dataclass
class State:
    """What the server holds."""

    buckets: dict[str, dict[str, Stored]] = field(default_factory=dict)
    uploads: dict[str, dict[str, object]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    generation: int = 0


STATE = State()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Objects, their metadata, and listings."""
        path, query = self._asked()
        if found := OBJECT.fullmatch(path):
            return self._object(found[1], unquote(found[2]), whole=query.get("alt") == "media")
        if found := LISTING.fullmatch(path):
            return self._list(found[1], query)
        if (found := BUCKET.fullmatch(path)) and found[1] in STATE.buckets:
            return self._answer(200, {"kind": "storage#bucket", "name": found[1]})
        return self._answer(404, _error(404, "Not Found"))

    def do_POST(self) -> None:
        """New buckets, and uploads."""
        path, query = self._asked()
        body = self._body()
        if path == "/storage/v1/b":
            STATE.buckets.setdefault(json.loads(body)["name"], {})
            return self._answer(200, json.loads(body))
        found = UPLOAD.fullmatch(path)
        if not found or found[1] not in STATE.buckets:
            return self._answer(404, _error(404, "The specified bucket does not exist."))
        if query["uploadType"] == "multipart":
            about, content, kind = _parts(body, self.headers["Content-Type"])
            return self._store(found[1], about, content, query, kind)
        upload = f"upload-{len(STATE.uploads)}"
        STATE.uploads[upload] = {"bucket": found[1], "about": json.loads(body), "query": query, "content": b""}
        place = f"http://{self.headers['Host']}{path}?uploadType=resumable&upload_id={upload}"
        return self._answer(200, {}, {"Location": place})

    def do_PUT(self) -> None:
        """A piece of a resumable upload."""
        _, query = self._asked()
        upload = STATE.uploads[query["upload_id"]]
        piece, span = self._body(), self.headers["Content-Range"]
        upload["content"] = bytes(upload["content"]) + piece  # type: ignore[arg-type]
        size = span.rpartition("/")[2]
        if size == "*" or len(upload["content"]) < int(size):  # type: ignore[arg-type]
            return self._answer(308, {}, {"Range": f"bytes=0-{len(upload['content']) - 1}"})  # type: ignore[arg-type]
        return self._store(upload["bucket"], upload["about"], upload["content"], upload["query"], "")  # type: ignore[arg-type]

    def do_DELETE(self) -> None:
        """An object goes."""
        path, _ = self._asked()
        found = OBJECT.fullmatch(path)
        gone = STATE.buckets.get(found[1], {}).pop(unquote(found[2]), None) if found else None
        return self._answer(204 if gone else 404, {} if gone else _error(404, "Not Found"))

    def _store(self, bucket: str, about: dict, content: bytes, query: dict[str, str], kind: str) -> None:
        name = about["name"]
        with STATE.lock:
            there = STATE.buckets[bucket].get(name)
            wanted = query.get("ifGenerationMatch")
            if wanted is not None and int(wanted) != (there.generation if there else 0):
                return self._answer(412, _error(412, "At least one of the pre-conditions you specified did not hold."))
            STATE.generation += 1
            STATE.buckets[bucket][name] = Stored(content, STATE.generation, about.get("metadata", {}), kind)
        return self._answer(200, _about(bucket, name))

    def _object(self, bucket: str, name: str, *, whole: bool) -> None:
        there = STATE.buckets.get(bucket, {}).get(name)
        if there is None:
            return self._answer(404, _error(404, f"No such object: {bucket}/{name}"))
        if not whole:
            return self._answer(200, _about(bucket, name))
        start, end = 0, len(there.content)
        if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(found[1]), min(end, int(found[2]) + 1 if found[2] else end)
            if start >= len(there.content):
                return self._answer(416, _error(416, "Requested range not satisfiable"))
            span = {"Content-Range": f"bytes {start}-{end - 1}/{len(there.content)}"}
            return self._send(206, there.content[start:end], {**_hashes(there), **span})
        return self._send(200, there.content, _hashes(there))

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        if bucket not in STATE.buckets:
            return self._answer(404, _error(404, "The specified bucket does not exist."))
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        names = set()
        for name in STATE.buckets[bucket]:
            if name.startswith(prefix):
                rest, cut, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name[len(prefix) :], "", "")
                names.add(prefix + rest + cut)
        pending = sorted(one for one in names if one > query.get("pageToken", ""))
        page, more = pending[:PAGE], len(pending) > PAGE
        folders = [one for one in page if delimiter and one.endswith(delimiter)]
        items = [_about(bucket, one) for one in page if one not in folders]
        answer: dict[str, object] = {"kind": "storage#objects", "items": items, "prefixes": folders}
        return self._answer(200, answer | ({"nextPageToken": page[-1]} if more else {}))

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()}

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(0 if status == 204 else len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(content)


def _about(bucket: str, name: str) -> dict[str, object]:
    there = STATE.buckets[bucket][name]
    return {
        "kind": "storage#object",
        "bucket": bucket,
        "name": name,
        "size": str(len(there.content)),
        "generation": str(there.generation),
        "etag": f"etag-{there.generation}",
        "metadata": there.metadata,
        "contentType": there.type or "application/octet-stream",
        "updated": "2026-01-01T00:00:00.000Z",
        "timeCreated": "2026-01-01T00:00:00.000Z",
        "md5Hash": base64.b64encode(hashlib.md5(there.content).digest()).decode(),  # noqa: S324  as the API does
    }


def _hashes(there: Stored) -> dict[str, str]:
    return {"X-Goog-Generation": str(there.generation), "Content-Type": there.type or "application/octet-stream"}


def _parts(body: bytes, kind: str) -> tuple[dict, bytes, str]:
    """The metadata and the content of a multipart/related body, and the content's type."""
    boundary = re.search(r"boundary=['\"]?([^'\";]+)", kind)[1].encode()  # type: ignore[index]
    first, second = body.split(b"--" + boundary)[1:3]
    about = re.split(rb"\r?\n\r?\n", first, maxsplit=1)[1]
    head, content = re.split(rb"\r?\n\r?\n", second, maxsplit=1)
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    found = re.search(rb"Content-Type: *([^\r\n]+)", head)
    return json.loads(about), content, found[1].decode() if found else ""


def _error(code: int, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)  # noqa: T201
    sys.stdin.read()
