"""Resources as most of Google's APIs have them: in a collection, found by name, made by POST, changed by PATCH."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from omloop.core import OmloopError
from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kind import Body
from omloop.deploy.google.refusals import CloudError
from omloop.deploy.google.resource import Resource
from omloop.deploy.service import IMAGES

BY_LABEL, BY_USER_LABEL, BY_DESCRIPTION = ("labels",), ("userLabels",), ("description",)
"""Where a resource says that omloop made it, and for which project."""
FAILED = "CONDITION_FAILED"
WORKS: Body = {"terminalCondition": {"state": "CONDITION_SUCCEEDED"}}
"""How Cloud Run says that the newest revision of a service could not start, and that it did."""


@dataclass(frozen=True)
class Collection:
    """A collection of an API: `path` below `host`, whose lists have their members in `key`.

    A name is the last part of a member's path, or what `at` makes of it. Creation gives it in the query
    (`id_in_query`), or in the body (`id_in_body`), there in full with `full_id`. Where the service gives names itself,
    the field `named_by` finds a member. Some lists and creations name the project in the query too, as
    `project_in_query`. `mark` is the path to labels, or to a text, that tell the owner; None where a member goes with
    its parent. `wrapped` is the field that a body lies in, and `masked` the parameter that lists what changes. Fields
    in `fixed` cannot change, and fields in `kept` stay as they are in the cloud.
    """

    host: str
    path: str
    key: str
    id_in_query: str = ""
    id_in_body: str = ""
    full_id: bool = False
    named_by: str = ""
    at: str = "{name}"
    wrapped: str = ""
    update: str = "PATCH"
    masked: str = ""
    mark: tuple[str, ...] | None = BY_DESCRIPTION
    fixed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    project_in_query: str = ""

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """As `Kind` says."""
        if not self.named_by:
            return cloud.find(self._host(cloud), self._member(cloud, name))
        return next((one for one in self._listed(cloud) if one.get(self.named_by) == name), None)

    def create(self, cloud: GoogleCloud, one: Resource) -> Body:
        """As `Kind` says."""
        body, path = self._named(cloud, one), self._path(cloud, one.name)
        query = {**self._query(cloud), **({self.id_in_query: one.name.rpartition("/")[2]} if self.id_in_query else {})}
        if self.wrapped:
            body = {self.id_in_body: one.name, self.wrapped: one.body}
        made = cloud.ask("POST", self._host(cloud), path, body, query)
        return made or self.read(cloud, one.name) or {}

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """As `Kind` says."""
        body = {**self._named(cloud, one), **{key: live[key] for key in self.kept if key in live}}
        mask = {self.masked: ",".join(fields)} if self.masked else {}
        if mask:
            body = {key: value for key, value in body.items() if key in fields}
        path = self._live_path(cloud, one.name, live)
        if self.wrapped:
            return cloud.ask(self.update, self._host(cloud), path, {self.wrapped: body, **mask}) or live
        return cloud.ask(self.update, self._host(cloud), path, body, mask) or live

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """As `Kind` says."""
        try:
            cloud.ask("DELETE", self._host(cloud), self._live_path(cloud, name, live))
        except CloudError as error:
            if error.status != 404:
                raise
        return ""

    def owned(self, cloud: GoogleCloud) -> Iterator[tuple[str, Body]]:
        """As `Kind` says."""
        if self.mark is None or ("{billing}" in self.path and not cloud.billing):
            return
        for live in self._listed(cloud):
            if self.owner(live) == cloud.owner:
                yield self.name_of(live), live

    def owner(self, live: Body) -> str | None:
        """As `Kind` says."""
        if self.mark is None:
            return None
        found: Any = live
        for key in self.mark:
            found = found.get(key) or {} if isinstance(found, Mapping) else {}
        if isinstance(found, Mapping):
            return str(found.get("omloop-project", "")) if found.get("managed-by") == "omloop" else ""
        told = re.search(r"\bomloop:([a-z0-9-]+)", str(found))
        return told[1] if told else ""

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """As `Kind` says."""
        return {key: value for key, value in one.body.items() if key not in (*self.kept, *self.fixed)}

    def name_of(self, live: Body) -> str:
        """The name by which a file calls a member."""
        name = str(live.get(self.named_by or "name", ""))
        return name if self.named_by else name.rpartition("/")[2].partition("@")[0]

    def _listed(self, cloud: GoogleCloud) -> Iterator[dict[str, Any]]:
        return cloud.every(self._host(cloud), self._path(cloud, ""), self.key, self._query(cloud))

    def _query(self, cloud: GoogleCloud) -> dict[str, str]:
        return {self.project_in_query: cloud.project} if self.project_in_query else {}

    def _named(self, cloud: GoogleCloud, one: Resource) -> Body:
        """The body with the name in it, where that belongs there."""
        if self.named_by:
            return {self.named_by: one.name, **one.body}
        if self.id_in_body and not self.wrapped:
            full = self._member(cloud, one.name).partition("/")[2]
            return {self.id_in_body: full if self.full_id else one.name, **one.body}
        return one.body

    def _host(self, cloud: GoogleCloud) -> str:
        return self.host.format(region=cloud.region)

    def _path(self, cloud: GoogleCloud, name: str) -> str:
        if "{billing}" in self.path and not cloud.billing:
            key = "Set it in omloop.toml: [google] billing_account"
            raise OmloopError(f"The budget {name} needs a billing account. {key}")
        places = {"project": cloud.project, "region": cloud.region, "billing": cloud.billing}
        places |= {name: cloud.location(name) for name in ("registry", "scheduler")}
        return self.path.format(**places, parent=name.partition("/")[0])

    def _member(self, cloud: GoogleCloud, name: str) -> str:
        last = self.at.format(name=name.rpartition("/")[2], project=cloud.project)
        return f"{self._path(cloud, name)}/{quote(last, safe='@')}"

    def _live_path(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """The path to change or remove a member, with the service's own name for it where there is one."""
        if not self.named_by:
            return self._member(cloud, name)
        given = str(live.get("name", ""))
        if "/" in given:
            return f"{self.path.partition('/')[0]}/{given}"
        return f"{self._path(cloud, name)}/{live.get('id', name)}"


class Bucket(Collection):
    """A bucket, whose name is unique in the world. omloop never removes one that holds data or that others use."""

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """As `Kind` says."""
        try:
            return super().read(cloud, name)
        except CloudError as error:
            if error.status != 403:
                raise
            raise CloudError(
                403,
                f"The bucket gs://{name} is somebody else's, or you may not see it. Take another name in omloop.toml, "
                f"or see: gcloud storage buckets describe gs://{name}",
            ) from error

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """As `Kind` says."""
        if next(cloud.every(self.host, f"{self.path}/{name}/o", "items", {"maxResults": 1}), None):
            return f"it holds data. To remove it with all of that: gcloud storage rm --recursive gs://{name}"
        policy = cloud.find(self.host, f"{self.path}/{name}/iam") or {}
        members = {member for one in policy.get("bindings", ()) for member in one.get("members", ())}
        if others := sorted(one for one in members if one.startswith("serviceAccount:")):
            return (
                f"{others[0].partition(':')[2]} uses it. Remove it by hand: gcloud storage rm --recursive gs://{name}"
            )
        return super().remove(cloud, name, live)

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """As `Kind` says."""
        return {key: value for key, value in one.body.items() if key != "location"}

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """As `Kind` says: it sends only the fields that differ, as a bucket's location can never change."""
        body = {key: one.body[key] for key in fields}
        return cloud.ask("PATCH", self.host, self._member(cloud, one.name), body)


class Service(Collection):
    """A service of Cloud Run. Where its newest revision failed, the same description makes another one."""

    def wanted(self, cloud: GoogleCloud, one: Resource, live: Body) -> Body:
        """As `Kind` says."""
        failed = live.get("terminalCondition", {}).get("state") == FAILED
        return {**super().wanted(cloud, one, live), **(WORKS if failed else {})}

    def change(self, cloud: GoogleCloud, one: Resource, live: Body, fields: Sequence[str]) -> Body:
        """As `Kind` says."""
        body = {**one.body, **{key: live[key] for key in self.kept if key in live}}
        query = {"forceNewRevision": "true"} if "terminalCondition" in fields else {}
        return cloud.ask("PATCH", self.host, self._member(cloud, one.name), body, query)


class Repository(Collection):
    """A repository of images, which several projects may share."""

    def remove(self, cloud: GoogleCloud, name: str, live: Body) -> str:
        """As `Kind` says."""
        packages = cloud.every(self.host, f"{self._member(cloud, name)}/packages", "packages")
        images = {str(one.get("name", "")).rpartition("/")[2] for one in packages}
        others = sorted(images - {f"{self.owner(live)}-{kind}" for kind in IMAGES})
        if others:
            return f"it holds images of others, such as {others[0]}. Remove what you want to remove by hand."
        return super().remove(cloud, name, live)


class Pool(Collection):
    """A pool of identities, or a provider of one.

    For 30 days after a removal, one can only restore it: no new one can take its name.
    """

    def read(self, cloud: GoogleCloud, name: str) -> Body | None:
        """As `Kind` says."""
        found = super().read(cloud, name)
        return None if found is None or found.get("state") == "DELETED" else found

    def create(self, cloud: GoogleCloud, one: Resource) -> Body:
        """As `Kind` says."""
        path = self._member(cloud, one.name)
        found = cloud.find(self.host, path)
        if found is None:
            return super().create(cloud, one)
        if found.get("state") == "DELETED":  # a provider comes back with its pool
            cloud.ask("POST", self.host, f"{path}:undelete", {})
        return self.change(cloud, one, {}, list(one.body))
