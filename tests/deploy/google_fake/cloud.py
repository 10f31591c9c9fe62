"""What Google keeps: resources, policies and operations, with the semantics that all of its APIs share."""

import base64
import copy
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from tests.deploy.google_fake.describe import Method, document
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.filters import meets
from tests.deploy.google_fake.operations import Call, Operations, now
from tests.deploy.google_fake.schemas import masked, missing, root_of, typed, written, wrong_labels

# APIs that name a project by its number in what they answer, whatever the caller wrote.
NUMBERED = ("secretmanager.", "aiplatform.", "iam.projects.locations.workloadIdentityPools")
NEXT = "nextPageToken"


@dataclass(frozen=True)
class Kind:
    """A collection: the schema of what it holds, where names come from, and what the API adds and refuses."""

    schema: str
    segment: str  # what stands before the name in a path
    name: str = "server"  # `server`, `query:serviceId`, `body:name`
    pattern: str = ".+"
    full_name: bool = True  # whether `name` is the whole path
    numeric: bool = False  # whether the server's own names are numbers
    soft: bool = False  # whether a deleted one stays, and can come back
    complete: Callable[["Cloud", Call, Body, Body | None], Body | None] = lambda *_: None  # answers how it will fail
    absent: str = "Requested entity was not found."
    taken: str = "Requested entity already exists"


class Cloud(Operations):
    """One project of Google Cloud and everything in it."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = "ann@example.org"
        self.resources: dict[tuple[str, str], Body] = {}  # by the API's collection and the name with the project's id
        self.policies: dict[tuple[str, str], Body] = {}
        self.enabled: set[str] = set()
        self.permissions: set[str] | None = None
        self.billing: str | None = "billingAccounts/012345-6789AB-CDEF01"
        self.foreign_buckets: set[str] = set()
        self.objects: dict[str, set[str]] = {}
        self.payloads: dict[str, str] = {}  # what is in a version of a secret
        self.fail_operations: list[tuple[str, Body]] = []  # a pattern of names, and the google.rpc.Status
        self.page_size = 2

    # What the rest of the fake asks for.

    def etag(self) -> str:
        return base64.b64encode(self.fresh().to_bytes(8, "big")).decode()

    def allowed(self, permission: str) -> bool:
        return self.permissions is None or permission in self.permissions

    def find(self, kind: str, name: str) -> Body | None:
        return self.resources.get((kind, self.named(name)))

    def shown(self, method: Method, resource: Body) -> Body:
        """A resource as the API answers it."""
        told = copy.deepcopy(resource)
        if method.id.startswith(NUMBERED) and "name" in told:
            told["name"] = re.sub(f"^projects/{self.project}/", f"projects/{self.number}/", told["name"])
        return told

    def account(self, email: str) -> Body | None:
        return self.find("iam.projects.serviceAccounts", f"projects/{self.project}/serviceAccounts/{email}")

    # The verbs of a collection.

    def get(self, kind: Kind, call: Call) -> Body:
        return self.shown(call.method, self._existing(kind, call))

    def listing(self, kind: Kind, call: Call) -> Body:
        parent = self.named(call.path) + "/"
        found = [
            one
            for (collection, name), one in sorted(self.resources.items())
            if collection == call.method.collection and name.startswith(parent)
        ]
        if kind.soft and call.one("showDeleted") != "true":
            found = [one for one in found if one["state"] != "DELETED"]
        page = self.page(call, [one for one in found if meets(one, call.one("filter"))])
        shown = {key: [self.shown(call.method, one) for one in each] for key, each in page.items() if key != NEXT}
        return page | shown

    def page(self, call: Call, found: list[Body]) -> Body:
        """A page of what was found: at most as many as asked for, and never more than `page_size`."""
        schema = document(call.method.document)["schemas"][call.method.response]
        key = next(k for k, v in schema["properties"].items() if "$ref" in v.get("items", {}))
        asked = call.one("pageSize") or call.one("maxResults")
        if asked and not re.fullmatch(r"\d+", asked):
            raise bad(("page_size", f"Invalid value at 'page_size' (TYPE_INT32), \"{asked}\""))
        size = min(int(asked or self.page_size) or self.page_size, self.page_size)
        begin = self._offset(call.one("pageToken"))
        answer: Body = {key: found[begin : begin + size]} if found[begin : begin + size] else {}
        if begin + size < len(found):
            answer[NEXT] = base64.urlsafe_b64encode(f"from {begin + size}".encode()).decode()
        return answer

    def _offset(self, token: str) -> int:
        try:
            return int(base64.urlsafe_b64decode(token).decode().removeprefix("from ")) if token else 0
        except ValueError:
            raise bad(("page_token", "The page token is invalid.")) from None

    def create(self, kind: Kind, call: Call) -> Body:
        body = self.input(call)
        name = self._new_name(kind, call, body)
        if (call.method.collection, name) in self.resources:
            raise Refused(
                409, kind.taken.format(name=name, id=name.rpartition("/")[2], number=self.number, project=self.project)
            )
        if kind.full_name:
            body["name"] = name
        return self.keep(kind, call, name, body, None)

    def patch(self, kind: Kind, call: Call) -> Body:
        if call.one("allowMissing") == "true" and (call.method.collection, self.named(call.path)) not in self.resources:
            return self.keep(kind, call, self.named(call.path), self.input(call) | {"name": call.path}, None)
        old = self._existing(kind, call)
        given = self.input(call)
        mask = call.one("updateMask") or (",".join(given) if call.method.id.startswith("billingbudgets") else "")
        new = self.merged(call, kind.schema, old, given, mask)
        _unchanged(call, kind.schema, old, new)
        return self.keep(kind, call, self.named(call.path), new, old)

    def delete(self, kind: Kind, call: Call) -> Body:
        old = self._existing(kind, call)
        self._same_version(old, call.one("etag"))
        if kind.soft and old["state"] == "DELETED":
            raise Refused(400, "Precondition check failed.", status="FAILED_PRECONDITION")
        key = (call.method.collection, self.named(call.path))

        def remove() -> None:
            if kind.soft:
                old["state"] = "DELETED"
                return
            for one in [one for one in self.resources if one[1] == key[1] or one[1].startswith(key[1] + "/")]:
                if one[0].startswith(key[0]):
                    del self.resources[one]
                    self.policies.pop(one, None)

        if (call.method.response or "").endswith("Operation"):
            told = _farewell(call, kind, self.shown(call.method, old))
            return self.operation(call, key[1], (lambda: told) if told else None, remove)
        remove()
        return {}

    def undelete(self, kind: Kind, call: Call) -> Body:
        old = self._existing(kind, call)
        if old["state"] != "DELETED":
            raise Refused(400, "Precondition check failed.", status="FAILED_PRECONDITION")
        old["state"] = "ACTIVE"
        return self.operation(call, self.named(call.path), lambda: self.shown(call.method, old))

    # What the verbs share.

    def input(self, call: Call) -> Body:
        assert call.method.request is not None
        return written(call.method.document, call.method.request, call.body)

    def merged(self, call: Call, schema: str, old: Body, given: Body, mask: str) -> Body:
        """A resource with the fields of the mask as they were given; without a mask, all that a client may set."""
        outputs = document(call.method.document)["schemas"][schema]["properties"]
        if mask in ("", "*"):
            kept = {key: value for key, value in old.items() if key == "name" or outputs[key].get("readOnly")}
            return {**kept, **{key: value for key, value in given.items() if key not in ("name", "etag")}}
        new = copy.deepcopy(old)
        try:
            paths = masked(call.method.document, schema, mask)
        except KeyError as error:
            text = (
                f"Invalid value at 'update_mask' (type.googleapis.com/google.protobuf.FieldMask), \"{error.args[0]}\""
            )
            raise bad(("update_mask", text)) from None
        for keys in paths:
            _assign(new, given, keys)
        self._same_version(old, given.get("etag", ""))
        return new

    def _existing(self, kind: Kind, call: Call) -> Body:
        name = self.named(call.path)
        found = self.resources.get((call.method.collection, name))
        if found is None:
            raise Refused(
                404,
                kind.absent.format(
                    name=name,
                    id=name.rpartition("/")[2],
                    number=self.number,
                    project=self.project,
                    location=call.location,
                ),
            )
        return found

    def _new_name(self, kind: Kind, call: Call, body: Body) -> str:
        where, _, key = kind.name.partition(":")
        given = call.one(key) if where == "query" else str(body.get(key, "")) if where == "body" else ""
        if where == "body" and kind.full_name and given:  # the caller writes the whole name
            if not self.named(given).startswith(f"{self.named(call.path)}/"):
                raise Refused(400, f'Job name must be formatted: "{call.path}/<JOB_ID>".')
            given = given.rpartition("/")[2]
        short = given or (str(10**17 + self.fresh()) if kind.numeric else str(uuid.uuid4()))
        if given and not re.fullmatch(kind.pattern, given):
            raise bad((id_field(key), f"Invalid value '{given}': it must match {kind.pattern}"))
        return f"{self.named(call.path)}/{short}"

    def _same_version(self, old: Body, etag: str) -> None:
        if etag and etag != old.get("etag"):
            text = (
                f"Conflict for resource '{str(old['name']).rpartition('/')[2]}': version '{etag}' was specified but "
                f"current version is '{old.get('etag')}'."
            )
            raise Refused(409, text, status="ABORTED")

    def keep(self, kind: Kind, call: Call, name: str, body: Body, old: Body | None) -> Body:
        if old is not None and call.method.collection != "storage.buckets":  # which goes by metagenerations
            self._same_version(old, call.body.get("etag", ""))
        self.whole(call, kind.schema, body, old)
        call.target = name
        wrong = kind.complete(self, call, body, old)
        resource = typed(call.method.document, kind.schema, body)
        if call.one("validateOnly") == "true":
            return self.operation(call, name, lambda: self.shown(call.method, resource))
        self.resources[call.method.collection, name] = resource
        if not (call.method.response or "").endswith("Operation"):
            return self.shown(call.method, resource)
        return self._reconcile(call, name, resource, wrong, created=old is None)

    def whole(self, call: Call, schema: str, body: Body, old: Body | None) -> None:
        """Refuses a body without what is required; adds what a server keeps of every resource."""
        lacking = list(missing(call.method.document, schema, body, root_of(schema), call.method.id))
        if lacking:
            raise bad(*((one, f"Required field '{one}' is not set.") for one in lacking))
        # The labels of a channel are its settings.
        wrong = wrong_labels(body if schema != "NotificationChannel" else {**body, "labels": {}})
        if told := [(one.field, one.text) for one in wrong]:
            raise bad(*told)
        known, was = document(call.method.document)["schemas"][schema]["properties"], old or {}
        stamps: Body = {
            "createTime": was.get("createTime", now()),
            "updateTime": now(),
            "uid": str(uuid.uuid4()),
            "generation": str(int(was.get("generation", "0")) + 1),
            "etag": self.etag(),
        }
        stamps["uid"] = was.get("uid", stamps["uid"])
        body.update({key: value for key, value in stamps.items() if key in known})

    def _reconcile(self, call: Call, name: str, resource: Body, wrong: Body | None, *, created: bool) -> Body:
        failed = next((one for one in self.fail_operations if re.search(one[0], name)), None)
        if failed is not None:
            self.fail_operations.remove(failed)
            wrong = failed[1]
        if "reconciling" in document(call.method.document)["schemas"][_schema(call)]["properties"]:
            resource["reconciling"] = True

        def finish() -> None:
            resource.pop("reconciling", None)
            if wrong and "terminalCondition" in resource:
                resource["terminalCondition"] |= {"state": "CONDITION_FAILED", "message": wrong["message"]}
            elif wrong and created:
                self.resources.pop((call.method.collection, name), None)

        return self.operation(call, name, lambda: self.shown(call.method, resource), finish, error=wrong)


def _unchanged(call: Call, schema: str, old: Body, new: Body) -> None:
    """Refuses a change of what the description calls immutable."""
    for key, described in document(call.method.document)["schemas"][schema]["properties"].items():
        fixed = re.match(r"(Optional\. |Required\. )?Immutable\.", described.get("description", ""))
        if fixed and key in old:
            new.setdefault(key, old[key])
        if fixed and old.get(key) != new.get(key):
            raise bad((id_field(key), f"Field '{id_field(key)}' is immutable."))


def _farewell(call: Call, kind: Kind, resource: Body) -> Body:
    """What the operation of a deletion answers with: the resource where it may come back or tells when it went."""
    known = document(call.method.document)["schemas"][kind.schema]["properties"]
    if "deleteTime" in known:
        return {**resource, "deleteTime": now(), "expireTime": now()}
    return {**resource, "state": "DELETED"} if kind.soft else {}


def _schema(call: Call) -> str:
    assert call.method.request is not None
    return call.method.request


def id_field(key: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", key)


def _assign(new: Body, given: Body, keys: list[str]) -> None:
    for key in keys[:-1]:
        new, given = new.setdefault(key, {}), given.get(key) or {}
    if keys[-1] in given:
        new[keys[-1]] = given[keys[-1]]
    else:
        new.pop(keys[-1], None)
