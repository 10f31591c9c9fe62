"""A server on loopback that answers as Google Cloud does, and refuses what Google would refuse.

What it takes comes from Google's own descriptions. What it cannot check against one it answers with 501, and remembers
in `GoogleFake.unchecked`. The first segment of a path is the API's host: `GoogleFake.root` is what a client puts in
place of `https://{host}`.
"""

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.deploy.google_fake.checks import body_of, check_body, check_query, checked_answer, name_of
from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.describe import DOCUMENTS, Method, document, find, regions_of
from tests.deploy.google_fake.errors import LOST, Body, Refused, bad, denied, disabled, error_of, spent, unpaid
from tests.deploy.google_fake.kinds import push
from tests.deploy.google_fake.operations import Call
from tests.deploy.google_fake.permissions import permission_of
from tests.deploy.google_fake.verbs import answer


@dataclass
class Request:
    """What was asked, and how it was answered."""

    method: str
    path: str  # `/run.googleapis.com/v2/projects/...`, without the query
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]
    status: int | None = None


@dataclass
class Failure:
    """How the next requests of some kind fail: with a status and a body, or, without a status, a dropped connection."""

    method: str  # a pattern, `POST|PATCH`
    path: str  # a pattern that some part of the path meets
    status: int | None = 503
    body: Body | str | None = None
    times: int = 1
    applied: bool = False  # whether the work is done before the answer fails
    headers: dict[str, str] = field(default_factory=dict)

    def meets(self, request: Request) -> bool:
        found = re.fullmatch(self.method, request.method) and re.search(self.path, request.path)
        return self.times > 0 and found is not None


class GoogleFake(Cloud):
    """Google Cloud for one project. Its attributes, and those of `Cloud`, may be set at any time."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.root = f"http://127.0.0.1:{port}/{{host}}"
        self.enabled: set[str] = set(DOCUMENTS)  # APIs that are on
        self.quota: dict[str, str] = {}  # the beginning of a path, and which quota is spent
        self.regions: dict[str, set[str]] = {}  # where an API is open, by its host; unset: where Google says
        self.fail_next: list[Failure] = []
        self.requests: list[Request] = []
        self.unchecked: list[str] = []  # what was answered with 501
        self.lock = threading.Lock()

    def push(self, image: str, digest: str = "sha256:" + "0" * 64) -> None:
        """Puts an image into Artifact Registry, as `docker push` does."""
        push(self, image, digest)

    def asked(self, method: str = ".*", path: str = "") -> list[Request]:
        """What was asked by a method and at a path that meet these patterns."""
        return [one for one in self.requests if re.fullmatch(method, one.method) and re.search(path, one.path)]

    def respond(
        self, request: Request, raw: bytes, headers: Any
    ) -> tuple[int | None, Body | str | None, dict[str, str]]:
        """The status, body and headers that answer a request. No status: the connection drops."""
        self.requests.append(request)
        failure = next((one for one in self.fail_next if one.meets(request)), None)
        if failure is not None:
            failure.times -= 1
            if not failure.applied:
                return failure.status, _failed(failure, request), failure.headers
        host = request.path.split("/")[1]
        try:
            status, body = self._answer(host, request, raw, headers)
        except Refused as refused:
            if refused.code == 501:
                self.unchecked.append(f"{request.method} {request.path}: {refused.message}")
            status, body = refused.code, error_of(host, refused)
        except Exception as error:  # a mistake of the fake's own, which must not look like one of Google's
            self.unchecked.append(f"{request.method} {request.path}: {error!r}")
            status, body = 501, error_of(host, Refused(501, f"The fake failed: {error!r}"))
        if failure is not None:
            return failure.status, _failed(failure, request), failure.headers
        return status, body, {}

    def _answer(self, host: str, request: Request, raw: bytes, headers: Any) -> tuple[int, Body | str | None]:
        region = re.match(r"([a-z0-9-]+)-aiplatform\.", host)
        if region and region[1] not in self._regions("aiplatform.googleapis.com", "aiplatform.v1"):
            return 404, LOST
        path = request.path[1:].partition("/")[2]
        found = find(host, request.method, path)
        if found is None:
            raise Refused(501, f"No description has {request.method} {request.path}")
        method, names = found
        if not re.match(r"Bearer \S", headers.get("Authorization", "")):
            raise Refused(
                401,
                "Request is missing required authentication credential. Expected OAuth 2 access token, "
                "login cookie or other valid authentication credential.",
            )
        self._reachable(host, method, request)
        self._charged(host, headers.get("X-Goog-User-Project"))
        body = body_of(method, request.body, raw, headers.get("Content-Type", ""))
        call = Call(method, host, names, name_of(method, path), request.query, body)
        check_query(method, request.query)
        check_body(call)
        self._permitted(call)
        self._placed(call, region[1] if region else "")
        told = answer(self, call)
        if method.response is None:
            return 204, None
        return 200, checked_answer(method, told)

    def _reachable(self, host: str, method: Method, request: Request) -> None:
        """Whether the API is on, and its quota not spent."""
        service = host if host in DOCUMENTS else "aiplatform.googleapis.com"
        if service not in self.enabled:
            raise disabled(service, document(method.document)["title"], self.number)
        for prefix, text in self.quota.items():
            if request.path.startswith(prefix):
                raise spent(service, text, self.number)

    def _charged(self, host: str, project: str | None) -> None:
        """Whether the caller may have a project pay, and count, what it asks."""
        ours = project in (None, self.project, self.number) and self.allowed("serviceusage.services.use")
        if project is not None and not ours:
            raise unpaid(host, project)

    def _permitted(self, call: Call) -> None:
        """Whether the project is the caller's, and the caller may do this in it."""
        permission = permission_of(call.method)
        given = [call.names[key] for key in ("projectsId", "projectId") if key in call.names]
        given += [call.names["v1Id1"]] if call.names.get("v1Id") == "projects" else []
        given += [call.names["resource"]] if "v1/projects/{resource}" in call.method.template else []
        given += call.query.get("project", []) if "storage" in call.method.id else []
        ours = all(one in (self.project, self.number, "-") for one in given)
        if call.names.get("billingAccountsId", "") not in ("", (self.billing or "").rpartition("/")[2]):
            ours = False
        if not ours or (permission and not self.allowed(permission)):
            raise denied(call.host, call.path, permission or "resourcemanager.projects.get", self.caller)

    def _placed(self, call: Call, region: str) -> None:
        """Whether the API is where the path says."""
        location = call.names.get("locationsId")
        if location is None:
            return
        if call.method.id.startswith("aiplatform") and location != (region or "global"):
            text = f"The location of the resource, {location}, does not match the endpoint {call.host}."
            raise bad(("parent" if call.body else "name", text))
        if call.method.id.startswith("aiplatform"):
            return
        if location not in self._regions(call.host, call.method.document):
            raise {
                "run": Refused(403, f"Permission denied on 'locations/{location}' (or it may not exist)."),
                "cloudscheduler": Refused(
                    400, f"Location '{location}' is not a valid location. Use ListLocations to list valid locations."
                ),
            }.get(call.method.id.partition(".")[0], Refused(404, f"Location {location} was not found."))

    def _regions(self, host: str, name: str) -> set[str]:
        return self.regions[host] if host in self.regions else regions_of(name)


def _failed(failure: Failure, request: Request) -> Body | str | None:
    if failure.body is not None or failure.status is None:
        return failure.body
    text = {503: "The service is currently unavailable.", 500: "Internal error encountered."}.get(
        failure.status, "Failed."
    )
    with contextlib.suppress(KeyError):
        return error_of(request.path.split("/")[1], Refused(failure.status, text))
    return {"error": {"code": failure.status, "message": text}}


# The server.


class _Handler(BaseHTTPRequestHandler):
    fake: GoogleFake
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 2**16  # headers and body leave together

    def _do(self) -> None:
        path, _, text = self.path.partition("?")
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw.decode("utf-8", "replace")
        request = Request(self.command, path, parse_qs(text, keep_blank_values=True), body, dict(self.headers))
        with self.fake.lock:
            status, answered, headers = self.fake.respond(request, raw, self.headers)
        request.status = status
        if status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(status, answered, headers)

    def _send(self, status: int, body: Body | str | None, headers: dict[str, str]) -> None:
        page = isinstance(body, str)
        content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        if body is not None:
            self.send_header("Content-Type", "text/html; charset=UTF-8" if page else "application/json; charset=UTF-8")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: tests read `GoogleFake.requests`."""


@contextlib.contextmanager
def running() -> Iterator[GoogleFake]:
    """Google Cloud on a free port of loopback, until the block ends."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        fake = handler.fake = GoogleFake(server.server_port)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
