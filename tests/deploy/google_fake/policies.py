"""Who may do what: policies of projects and resources, and the rules that Google holds them to."""

import copy
import json
import re
import uuid

from tests.deploy.google_fake.cloud import Cloud
from tests.deploy.google_fake.errors import Body, Refused, bad
from tests.deploy.google_fake.operations import Call

PROJECTS, BUCKETS = "cloudresourcemanager.projects", "storage.buckets"
_MEMBERS = re.compile(
    r"allUsers|allAuthenticatedUsers|deleted:.+|"
    r"(user|serviceAccount|group|domain|principal|principalSet|projectOwner|projectEditor|projectViewer):.+"
)
_ROLES = re.compile(r"((projects|organizations)/[^/]+/)?roles/[A-Za-z0-9_.]+")


def get_policy(cloud: Cloud, call: Call) -> Body:
    """The policy as it is; without its conditions for a caller that does not know of them."""
    policy = copy.deepcopy(_policy(cloud, call))
    asked = call.one("options.requestedPolicyVersion") or call.one("optionsRequestedPolicyVersion")
    asked = asked or str((call.body.get("options") or {}).get("requestedPolicyVersion", 0))
    for binding in policy.get("bindings", ()) if asked != "3" else ():
        if "condition" in binding:
            mark = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(binding.pop("condition"))).hex[:20]
            binding["role"] += f"_withcond_{mark}"
            policy["version"] = 1
    return _told(call, policy)


def set_policy(cloud: Cloud, call: Call) -> Body:
    """The policy that takes the place of the old one, if that is still the one which the caller read."""
    old = _policy(cloud, call)
    given = call.body if call.method.collection == BUCKETS else call.body.get("policy")
    if given is None:
        raise bad(("policy", "Required field 'policy' is not set."))
    if given.get("etag") and given["etag"] != old["etag"]:
        raise _changed(call, given["etag"], old["etag"])
    bindings = [_binding(cloud, one, given.get("version", 0)) for one in given.get("bindings", ())]
    kept: Body = {"version": 3 if any("condition" in one for one in bindings) else 1, "etag": "Bw" + cloud.etag()[2:]}
    if bindings := [one for one in bindings if one["members"]]:
        kept["bindings"] = sorted(bindings, key=lambda one: str(one["role"]))
    cloud.policies[_key(cloud, call)] = kept
    return _told(call, copy.deepcopy(kept))


def granted_permissions(cloud: Cloud, call: Call) -> Body:
    """Which of the permissions that were asked for the caller has."""
    asked = call.body.get("permissions", []) or call.query.get("permissions", [])
    if any("*" in one for one in asked):
        raise bad(("permissions", "Wildcards are not allowed in permissions."))
    granted = [one for one in asked if cloud.allowed(one)]
    return {"permissions": granted} if granted else {}


def _policy(cloud: Cloud, call: Call) -> Body:
    """The policy as it is; projects and buckets begin with one, anything else with the etag of an empty one."""
    key = _key(cloud, call)
    if key[0] == PROJECTS:
        owner = {"role": "roles/owner", "members": [f"user:{cloud.caller}"]}
        cloud.policies.setdefault(key, {"version": 1, "etag": "BwYAAAAAAAA=", "bindings": [owner]})
    elif key not in cloud.resources:
        bucket = key[0] == BUCKETS
        raise Refused(
            404, "The specified bucket does not exist." if bucket else f"Resource '{call.path}' was not found."
        )
    if key[0] == BUCKETS:
        cloud.policies.setdefault(key, {"version": 1, "etag": "CAE=", "bindings": _first(cloud)})
    return cloud.policies.get(key, {"etag": "ACAB"})


def _first(cloud: Cloud) -> list[Body]:
    """What a bucket's policy holds from the start: who has the project has its buckets."""
    owners = [f"projectEditor:{cloud.project}", f"projectOwner:{cloud.project}"]
    return [
        {"role": "roles/storage.legacyBucketOwner", "members": owners},
        {"role": "roles/storage.legacyBucketReader", "members": [f"projectViewer:{cloud.project}"]},
    ]


def _told(call: Call, policy: Body) -> Body:
    if call.method.collection != BUCKETS:
        return policy
    return {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{call.names['bucket']}", **policy}


def _key(cloud: Cloud, call: Call) -> tuple[str, str]:
    return call.method.collection, cloud.named(call.path)


def _changed(call: Call, given: str, current: str) -> Refused:
    if call.method.collection == BUCKETS:
        return Refused(412, "At least one of the pre-conditions you specified did not hold.")
    text = (
        "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. "
        f"The request's ETag '{given}' did not match the current policy's ETag '{current}'."
    )
    return Refused(409, text, status="ABORTED")


def _binding(cloud: Cloud, binding: Body, version: int) -> Body:
    if not _ROLES.fullmatch(binding.get("role", "")):
        raise Refused(400, f"Role {binding.get('role', '')} is not supported for this resource.")
    if "condition" in binding and version != 3:
        raise Refused(400, "Policies with conditional role bindings must specify version 3.")
    for member in binding.get("members", ()):
        _member(cloud, member)
    return {**binding, "members": sorted(set(binding.get("members", ())))}


def _member(cloud: Cloud, member: str) -> None:
    if not _MEMBERS.fullmatch(member):
        raise Refused(400, f"The member {member} is of an unknown type. Please set a valid type prefix.")
    email = member.removeprefix("serviceAccount:")
    mine = email.endswith(f"@{cloud.project}.iam.gserviceaccount.com")
    if member.startswith("serviceAccount:") and mine and not cloud.account(email):
        raise Refused(400, f"Service account {email} does not exist.")
