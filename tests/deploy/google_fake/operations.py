"""Calls, and the operations that go on after Google has answered one."""

import itertools
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.deploy.google_fake.describe import Method
from tests.deploy.google_fake.errors import Body, Refused

# Where the types of an API live, as an operation names them, unless under google.cloud.
PACKAGES = {
    "artifactregistry": "google.devtools.artifactregistry",
    "serviceusage": "google.api.serviceusage",
    "iam": "google.iam.admin",
    "cloudresourcemanager": "google.cloud.resourcemanager",
}


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Call:
    """A request whose path, query and body agree with their description."""

    method: Method
    host: str
    names: dict[str, str]
    path: str  # decoded, without the API's version, `projects/p/locations/r/services/s`
    query: dict[str, list[str]]
    body: Body
    target: str = ""  # the resource that is made or changed, `projects/p/locations/r/services/s`

    def one(self, key: str) -> str:
        return self.query.get(key, [""])[0]

    @property
    def location(self) -> str:
        return self.names.get("locationsId", "global")


@dataclass
class Operation:
    """Work that goes on after the answer; done after some looks at it, or a second."""

    body: Body
    polls: int
    result: Body
    finish: Callable[[], Any] = lambda: None
    began: float = field(default_factory=time.monotonic)


class Operations:
    """The operations of a project, which end after `polls` looks at them, or after a second."""

    def __init__(self) -> None:
        self.project, self.number = "rides", "123456789012"
        self.operations: dict[str, Operation] = {}
        self.polls = 2
        self._count = itertools.count(1)

    def fresh(self) -> int:
        return next(self._count)

    def named(self, path: str) -> str:
        """A path with the project's id, where the caller wrote its number, or a dash for a service account's."""
        return re.sub(f"^projects/({self.number}|-(?=/serviceAccounts/))(?=/|$)", f"projects/{self.project}", path)

    def operation(
        self,
        call: Call,
        name: str,
        told: Callable[[], Body] | None = None,
        finish: Callable[[], Any] = lambda: None,
        *,
        error: Body | None = None,
    ) -> Body:
        """Work that goes on. When it ends it does `finish`, and answers what is `told` then, if anything."""
        number = str(10**18 + self.fresh())
        places = {
            "serviceusage": f"operations/acat.p2-{self.number}-{number}",
            "cloudresourcemanager": f"operations/cp.{number}",
            "iam": f"{name}/operations/{number}",
        }
        usual = f"projects/{self.project}/locations/{call.location}/operations/{uuid.uuid4()}"
        if call.method.id.startswith("aiplatform"):
            usual = f"projects/{self.number}/locations/{call.location}/operations/{number}"
        body: Body = {"name": places.get(call.method.id.partition(".")[0], usual)}
        kind = _type(call) if told else "google.protobuf.Empty"
        what = {"@type": f"type.googleapis.com/{kind}"}
        result: Body = {"error": error} if error else {"response": lambda: what | (told() if told else {})}
        self.operations[body["name"]] = Operation(body, self.polls, result, finish)
        return dict(body)

    def look(self, name: str, *, wait: bool = False) -> Body:
        """An operation's state. Each look brings it nearer to its end; waiting ends it."""
        work = self.operations.get(name) or self.operations.get(self.named(name))
        if work is None:
            raise Refused(404, "Requested entity was not found.")
        work.polls -= 1
        if not work.body.get("done") and (wait or work.polls <= 0 or time.monotonic() - work.began > 1):
            self._end(work)
        return dict(work.body)

    def _end(self, work: Operation) -> None:
        work.finish()
        ended = {key: value() if callable(value) else value for key, value in work.result.items()}
        work.body.update({"done": True, **ended})


def _type(call: Call) -> str:
    """The name of what an operation answers with."""
    api, version = call.method.document.split(".")
    package = PACKAGES.get(api, f"google.cloud.{api}")
    resource = call.method.id.split(".")[-2]
    word = _word(call.method.request) if call.method.request else resource[0].upper() + resource[1:].removesuffix("s")
    word = {"RunJobRequest": "Execution"}.get(word, word)
    return f"{package}.{version}.{re.sub('Request$', 'Response', word)}"


def _word(schema: str) -> str:
    return re.sub(r"^Google[A-Z][A-Za-z]*?V[0-9]+", "", schema)
