"""Who may do what with a resource: the policy of its members, by role.

A policy belongs to many. omloop compares and changes only the rights of its own accounts
(https://docs.cloud.google.com/iam/docs/allow-policies). It writes the policy with the etag of its reading, so it
overwrites nobody's change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kind import Body
from omloop.deploy.google.refusals import CloudError
from omloop.deploy.google.resource import Resource

TRIES = 5
"""How often to read and write a policy until nobody else wrote in between."""
WHOLE = 3
"""The version of policies that includes conditions."""


@dataclass(frozen=True)
class Policy:
    """Where the policy of a resource lies, and how to read it: a bucket's by GET and PUT, others by verbs.

    `ask` is the method of the verb that reads it, and `in_body` says where that takes its options.
    """

    host: str
    path: str
    ask: str = "GET"
    in_body: bool = False
    of_bucket: bool = False

    def read(self, cloud: GoogleCloud, name: str) -> dict[str, Any] | None:
        """The policy as it is; None where the thing is not there."""
        path = self._path(cloud, name)
        if self.of_bucket:
            return cloud.find(self.host, path, {"optionsRequestedPolicyVersion": WHOLE})
        body = {"options": {"requestedPolicyVersion": WHOLE}} if self.in_body else None
        query = None if self.in_body else {"options.requestedPolicyVersion": WHOLE}
        return cloud.find(self.host, f"{path}:getIamPolicy", query, method=self.ask, body=body)

    def write(self, cloud: GoogleCloud, name: str, policy: Body) -> None:
        """Write it whole; raises CloudError with the status 409 or 412 where somebody else wrote in between."""
        path = self._path(cloud, name)
        if self.of_bucket:
            cloud.ask("PUT", self.host, path, policy)
        else:
            cloud.ask("POST", self.host, f"{path}:setIamPolicy", {"policy": policy})

    def _path(self, cloud: GoogleCloud, name: str) -> str:
        registry = cloud.location("registry")
        return self.path.format(project=cloud.project, region=cloud.region, registry=registry, name=name)


REGION = "projects/{project}/locations/{region}"
POLICIES = {
    "project": Policy("cloudresourcemanager.googleapis.com", "v1/projects/{name}", ask="POST", in_body=True),
    "bucket": Policy("storage.googleapis.com", "storage/v1/b/{name}/iam", of_bucket=True),
    "repository": Policy(
        "artifactregistry.googleapis.com", "v1/projects/{project}/locations/{registry}/repositories/{name}"
    ),
    "secret": Policy("secretmanager.googleapis.com", "v1/projects/{project}/secrets/{name}"),
    "service": Policy("run.googleapis.com", f"v2/{REGION}/services/{{name}}"),
    "job": Policy("run.googleapis.com", f"v2/{REGION}/jobs/{{name}}"),
    "service-account": Policy(
        "iam.googleapis.com",
        "v1/projects/{project}/serviceAccounts/{name}@{project}.iam.gserviceaccount.com",
        ask="POST",
    ),
}
"""What has a policy: kinds of resources, and the project itself."""


class Access:
    """What omloop's accounts may do with something, which its name gives as `KIND/NAME`; roles map to members."""

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """As `Kind` says: the members of every role."""
        kind, _, of = name.partition("/")
        policy = POLICIES[kind].read(cloud, of)
        return None if policy is None else _by_role(policy)

    def create(self, cloud: GoogleCloud, one: Resource) -> Body:
        """As `Kind` says."""
        return self.change(cloud, one, {}, list(one.body))

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """As `Kind` says: the members in the body get in, and the owner's other accounts do not."""
        kind, _, name = one.name.partition("/")
        return self._rewritten(cloud, kind, name, lambda now: {**now, **_after(cloud, one, now)})

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """As `Kind` says; nothing is, as whoever removes gives a body without members instead."""
        return ""

    def owned(self, cloud: GoogleCloud) -> Iterator[tuple[str, Body]]:
        """As `Kind` says: access goes with what it gives access to, or with who has it."""
        return iter(())

    def owner(self, live: Body) -> str | None:
        """As `Kind` says."""
        return None

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """As `Kind` says: the members of each role as they shall be, with those that are not omloop's."""
        return _after(cloud, one, live)

    def _rewritten(self, cloud: GoogleCloud, kind: str, name: str, new: Callable[[Body], Body]) -> Body:
        for tries in range(TRIES):
            policy = POLICIES[kind].read(cloud, name)
            if policy is None:
                raise CloudError(404, f"There is no {kind} '{name}' in {cloud.project} to give access to.")
            roles = new(_by_role(policy))
            conditional = [one for one in policy.get("bindings", ()) if "condition" in one]
            plain = [{"role": role, "members": list(members)} for role, members in sorted(roles.items()) if members]
            try:
                POLICIES[kind].write(cloud, name, {**policy, "bindings": [*conditional, *plain]})
            except CloudError as error:
                if error.status not in (409, 412) or tries == TRIES - 1:
                    raise
            else:
                return roles
        raise AssertionError  # the last round returns or raises


def _after(cloud: GoogleCloud, one: Resource, live: Body) -> dict[str, list[str]]:
    """The members of every role that the body names, or that has one of ours."""
    others = {role: [m for m in members if not _is_ours(cloud, one, m)] for role, members in live.items()}
    touched = {*one.body, *(role for role, members in live.items() if len(others[role]) < len(members))}
    return {role: sorted({*others.get(role, ()), *one.body.get(role, ())}) for role in touched}


def _is_ours(cloud: GoogleCloud, one: Resource, member: str) -> bool:
    """Whether a member is an account or a pool of the delivery; or is everybody, at the delivery's own server."""
    account = rf"serviceAccount:{re.escape(cloud.owner)}-(serve|watch|deploy|reader)@{re.escape(cloud.project)}\..*"
    pool = f"/workloadIdentityPools/{cloud.owner}-github/"
    everybody = member in ("allUsers", "allAuthenticatedUsers") and one.name == f"service/{cloud.owner}"
    return bool(re.fullmatch(account, member)) or pool in member or everybody


def _by_role(policy: Body) -> dict[str, list[str]]:
    """Members by role, without bindings that hold on a condition: those are never omloop's."""
    found: dict[str, set[str]] = {}
    for one in policy.get("bindings", ()):
        if "condition" not in one:
            found.setdefault(one["role"], set()).update(one.get("members", ()))
    return {role: sorted(members) for role, members in found.items()}
