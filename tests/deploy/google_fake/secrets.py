"""Secret Manager: versions are numbered, and only `access` shows what is in them."""

import base64
from collections.abc import Callable

from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.operations import Call, now


def add_version(cloud: Cloud, call: Call) -> Body:
    name = cloud.named(call.path)
    if cloud.find("secretmanager.projects.secrets", name) is None:
        raise Refused(404, f"Secret [projects/{cloud.number}/secrets/{name.rpartition('/')[2]}] not found.")
    data = (call.body.get("payload") or {}).get("data", "")
    if not data or len(_decoded(data)) > 2**16:
        raise bad(("payload.data", "The payload must have between 1 and 65536 bytes."))
    kind = "secretmanager.projects.secrets.versions"
    number = 1 + sum(key[0] == kind and key[1].startswith(f"{name}/versions/") for key in cloud.resources)
    told: Body = {
        "name": f"{name}/versions/{number}",
        "createTime": now(),
        "state": "ENABLED",
        "etag": cloud.etag(),
        "replicationStatus": {"automatic": {}},
    }
    cloud.resources[kind, told["name"]] = told
    cloud.payloads[told["name"]] = data
    return _numbered(cloud, told)


def _numbered(cloud: Cloud, resource: Body) -> Body:
    return {**resource, "name": resource["name"].replace(f"projects/{cloud.project}", f"projects/{cloud.number}", 1)}


def _version(cloud: Cloud, call: Call) -> Body:
    kind, name = "secretmanager.projects.secrets.versions", cloud.named(call.path)
    if name.endswith("/latest"):
        at = name.removesuffix("latest")
        numbers = [int(key[1].removeprefix(at)) for key in cloud.resources if key[0] == kind and key[1].startswith(at)]
        name = f"{at}{max(numbers, default=0)}"
    found = cloud.resources.get((kind, name))
    if found is None:
        raise Refused(404, f"Secret Version [{call.path}] not found.")
    return found


def access_version(cloud: Cloud, call: Call) -> Body:
    version = _version(cloud, call)
    if version["state"] != "ENABLED":
        text = f"Secret Version [{call.path}] is in {version['state']} state."
        raise Refused(400, text, status="FAILED_PRECONDITION")
    return {"name": _numbered(cloud, version)["name"], "payload": {"data": cloud.payloads[version["name"]]}}


def version_state(state: str) -> Callable[[Cloud, Call], Body]:
    def change(cloud: Cloud, call: Call) -> Body:
        version = _version(cloud, call)
        if version["state"] == "DESTROYED":
            raise Refused(400, f"Secret Version [{call.path}] is in DESTROYED state.", status="FAILED_PRECONDITION")
        version["state"] = state
        return _numbered(cloud, version)

    return change


def get_version(cloud: Cloud, call: Call) -> Body:
    """A version by its number, or the latest."""
    return _numbered(cloud, _version(cloud, call))


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"))
