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
from urllib.parse import parse_qs, unquote

from tests.deploy.google_fake_cloud import Cloud
from tests.deploy.google_fake_describe import (
    DOCUMENTS,
    TYPES,
    Method,
    document,
    find,
    missing,
    regions_of,
    root_of,
    typed,
    written,
    wrong_fields,
)
from tests.deploy.google_fake_errors import LOST, Body, Refused, bad, denied, disabled, error_of, spent, unpaid
from tests.deploy.google_fake_kinds import push
from tests.deploy.google_fake_operations import Call
from tests.deploy.google_fake_permissions import permission_of
from tests.deploy.google_fake_verbs import answer

# Query parameters that the fake acts upon, or that change nothing here; any other it cannot answer for.
UNDERSTOOD = re.compile(
    r"pageSize|pageToken|maxResults|filter|showDeleted|updateMask|allowMissing|validateOnly|etag|names|prefix|force|"
    r"permissions|(options\.r|optionsR)equestedPolicyVersion|ifMetagenerationMatch|project|projectId|projection|"
    r"forceNewRevision|userProject|prettyPrint|key|quotaUser|"
    r"(service|job|repository|secret|workloadIdentityPool|workloadIdentityPoolProvider|pipelineJob)Id"
)


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
        self.regions: dict[str, set[str]] = {}  # where a host has its service; unset: where Google says
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
        call = Call(method, host, names, _name(method, path), request.query, _body(method, request, raw, headers))
        _checked_query(method, request.query)
        _checked_body(call)
        self._permitted(call)
        self._placed(call, region[1] if region else "")
        told = answer(self, call)
        if method.response is None:
            return 204, None
        told = self._checked_answer(method, told)
        return 200, told

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
        return self.regions.get(host) or regions_of(name)

    def _checked_answer(self, method: Method, told: Body) -> Body:
        """An answer without what is empty, as Google's servers leave it out; 501 where no description has it."""
        assert method.response is not None
        if method.document not in EXACT:
            told = _dropped(told)
        if wrong := list(wrong_fields(method.document, method.response, told)):
            raise Refused(501, f"The fake's own answer is no {method.response}: {wrong[0].text}")
        return told


def _name(method: Method, path: str) -> str:
    """What a path names: without the API's version and the verb, decoded but for slashes within a name."""
    text = re.sub(r"^(storage/)?v\d[a-z0-9]*/", "", path)
    if ":" in method.template:
        text = text.removesuffix(":" + method.template.rpartition(":")[2])
    if method.document == "storage.v1":
        return unquote(re.sub(r"/(iam|iam/testPermissions|o)$", "", text))
    return unquote(text if method.document == "logging.v2" else re.sub("%2f", "%252F", text, flags=re.IGNORECASE))


def _body(method: Method, request: Request, raw: bytes, headers: Any) -> Body:
    if not raw:
        return {}
    if method.request is None:
        raise Refused(400, "Your client has issued a malformed or illegal request: this method takes no body.")
    if not headers.get("Content-Type", "").startswith("application/json"):
        raise bad(("", "Invalid JSON payload received. The body must be sent as application/json."))
    if not isinstance(request.body, dict):
        raise bad(("", "Invalid JSON payload received. Unexpected token."))
    return request.body


def _checked_query(method: Method, query: dict[str, list[str]]) -> None:
    usual = document(method.document)["parameters"]
    for key, values in query.items():
        described = method.parameters.get(key) or usual.get(key)
        if described is None or described["location"] != "query":
            raise bad(
                (
                    key,
                    f'Invalid JSON payload received. Unknown name "{key}": Cannot bind query parameter. Field '
                    f"'{key}' could not be found in request message.",
                )
            )
        if not UNDERSTOOD.fullmatch(key) and (key, values) != ("alt", ["json"]):
            raise Refused(501, f"The fake does not know what {key} changes in {method.id}")
        shape = {"integer": r"-?\d+", "boolean": "true|false"}.get(described["type"], ".*")
        if not all(re.fullmatch(shape, one, re.DOTALL) for one in values):
            raise bad((key, f"Invalid value at '{key}' (TYPE_{described['type'].upper()}), \"{values[0]}\""))
    for key, described in method.parameters.items():
        needed = described.get("required") or described.get("description", "").startswith("Required.")
        if key in ("projectId", "triggerId") and "locationsId" in method.template:
            continue  # Cloud Build still calls required what its regional paths say already
        if described["location"] == "query" and needed and not query.get(key, [""])[0]:
            raise bad((key, f"Required parameter '{key}' is not set."))


def _checked_body(call: Call) -> None:
    method = call.method
    if method.request is None:
        return
    if wrong := list(wrong_fields(method.document, method.request, call.body, root_of(method.request))):
        raise bad(*((one.field, one.text) for one in wrong))
    if method.request.endswith("Request"):  # of a resource, what it becomes is checked
        lacking = missing(method.document, method.request, call.body, method=method.id)
        if told := [(one, f"Required field '{one}' is not set.") for one in lacking]:
            raise bad(*told)
    try:
        typed(method.document, method.request, written(method.document, method.request, call.body))
    except ValueError as error:
        raise bad((root_of(method.request), f"Invalid JSON payload received. {error}")) from error


def _dropped(value: Any) -> Any:
    """A message of JSON without empty texts, lists, maps of no entries and false values, which proto3 leaves out."""
    if isinstance(value, list):
        return [_dropped(one) for one in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _dropped(one) if one != {} else {} for key, one in value.items()}
    return {key: one for key, one in inner.items() if one not in ("", [], None) and one is not False}


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


# Documents whose answers leave out nothing more: Cloud Storage tells false and 0, and types have dropped theirs.
EXACT = {"storage.v1", *(name for name, _ in TYPES)}


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
