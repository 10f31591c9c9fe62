"""What omloop would create, change and remove: the files compared with the cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from omloop.core import OmloopError
from omloop.deploy.google.cloud import GoogleCloud
from omloop.deploy.google.kind import Body
from omloop.deploy.google.kinds import KINDS
from omloop.deploy.google.quantity import quantity
from omloop.deploy.google.resource import Resource

Action = Literal["create", "change", "remove", "keep", "same"]
_REFERENCE = re.compile(r"\$\{(?P<kind>[a-z-]+):(?P<name>[^}]+)\}")
_IMAGE = re.compile(r"(?P<name>.+?)(:[\w.-]+)?(@sha256:[0-9a-f]+)?")


@dataclass(frozen=True)
class Change:
    """The planned action on one resource; `live` is its present state.

    `fields` are the paths in the body that differ. A resource with "keep" was there before omloop, and stays as it is.
    """

    action: Action
    resource: Resource
    live: Body | None = None
    fields: tuple[str, ...] = ()


def plan_changes(wanted: Sequence[Resource], cloud: GoogleCloud) -> tuple[Change, ...]:
    """The steps to the wanted state of the cloud, in order; it changes nothing.

    Raises CloudError for an unreadable resource, and OmloopError for a name that somebody else took.
    """
    known = references(wanted, cloud)
    changes = [_change(one, cloud, known) for one in wanted]
    return (*changes, *_unwanted(wanted, cloud))


def plan_removal(wanted: Sequence[Resource], cloud: GoogleCloud) -> tuple[Change, ...]:
    """What takes away all that omloop made for the owner, and what the owner's accounts may do with the rest."""
    access = [one for one in wanted if one.kind == "access"]
    closed = [_change(replace(one, body={}), cloud, {}) for one in access]
    return (*(one for one in closed if one.action == "change"), *_unwanted((), cloud))


def references(wanted: Sequence[Resource], cloud: GoogleCloud) -> dict[str, str]:
    """What texts of bodies may name, as far as it is there: `project:number`, and resources by `KIND:NAME`."""
    named = {reference for one in wanted for reference in references_in(one)}
    found = {}
    for kind, name in sorted(named):
        live = _project(cloud) if kind == "project" else KINDS[kind].read(cloud, name)
        if live is not None:
            found[f"${{{kind}:{name}}}"] = str(live["projectNumber"] if kind == "project" else live["name"])
    return found


def references_in(one: Resource) -> Iterator[tuple[str, str]]:
    """What a body names, each by its kind and its name."""
    for text in _texts(one.body):
        yield from ((match["kind"], match["name"]) for match in _REFERENCE.finditer(text))


def service_address(one: Resource, cloud: GoogleCloud) -> str:
    """Where a service of Cloud Run answers; empty where it is not there."""
    return str((KINDS[one.kind].read(cloud, one.name) or {}).get("uri", ""))


def resolve(body: Any, known: Mapping[str, str]) -> Any:
    """A body with every known reference replaced by its value."""
    if isinstance(body, Mapping):
        return {key: resolve(value, known) for key, value in body.items()}
    if isinstance(body, list):
        return [resolve(value, known) for value in body]
    return _REFERENCE.sub(lambda match: known.get(match[0], match[0]), body) if isinstance(body, str) else body


def differing(wanted: Any, live: Any, path: str = "") -> Iterator[str]:
    """Paths at which a wanted body is not part of the live one.

    What the service added counts for nothing, nor does the order of an object's fields. Lists must have equally many
    members; those with a `name` match by it. Images differ by name, not by tag: whoever builds decides which build
    runs.

    >>> list(differing({"a": {"b": 1, "c": []}}, {"a": {"b": 2, "x": 3}}))
    ['a.b']
    """
    if isinstance(wanted, Mapping) and isinstance(live, Mapping | None):
        for key, value in wanted.items():
            yield from differing(value, (live or {}).get(key), f"{path}.{key}" if path else key)
    elif isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        for i, (one, other) in enumerate(zip(*map(_by_name, (wanted, live)), strict=True)):
            yield from differing(one, other, f"{path}[{i}]")
    elif not _equal(wanted, live, path):
        yield path


def _change(one: Resource, cloud: GoogleCloud, known: Mapping[str, str]) -> Change:
    kind, resolved = KINDS[one.kind], replace(one, body=resolve(one.body, known))
    live = kind.read(cloud, one.name)
    if live is None:
        if kind.owner({"displayName": one.name, **one.body}) not in (None, cloud.owner):
            raise _unowned(one, cloud)
        return Change("create" if any(one.body.values()) or not one.body else "same", one)
    owner = kind.owner(live)
    if owner not in (None, cloud.owner):
        return _others(one, live, owner or "")
    fields = tuple(differing(kind.wanted(cloud, resolved, live), live))
    return Change("change" if fields else "same", one, live, fields)


def _others(one: Resource, live: Body, owner: str) -> Change:
    """Keep a bucket or a repository that is not the owner's, as shared; raise OmloopError for any other kind."""
    if one.kind in ("bucket", "repository"):
        return Change("keep", one, live)
    whose = f"omloop's project '{owner}'" if owner else "somebody else"
    raise OmloopError(f"The {one} is there already, made by {whose}. Remove or rename it, or rename the project.")


def _unowned(one: Resource, cloud: GoogleCloud) -> OmloopError:
    """The error for a resource that omloop would make and then not know as the owner's."""
    mark = f"the labels managed-by: omloop and omloop-project: {cloud.owner}"
    told = f"The {one} is not there, and its file does not say whose it is"
    return OmloopError(f"{told}. Give it {mark}; where its kind has none, omloop:{cloud.owner} in its description.")


def _unwanted(wanted: Sequence[Resource], cloud: GoogleCloud) -> Iterator[Change]:
    """What is the owner's and not wanted, the last made first."""
    names = {(one.kind, one.name) for one in wanted}
    for kind, how in reversed(list(KINDS.items())):
        for name, live in how.owned(cloud):
            if (kind, name) not in names:
                yield Change("remove", Resource(kind, name), live)


def _project(cloud: GoogleCloud) -> Body:
    return cloud.ask("GET", "cloudresourcemanager.googleapis.com", f"v1/projects/{cloud.project}")


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, Mapping | list):
        for value in body.values() if isinstance(body, Mapping) else body:
            yield from _texts(value)


def _by_name(members: list[Any]) -> list[Any]:
    named = all(isinstance(one, Mapping) and "name" in one for one in members)
    return sorted(members, key=lambda one: str(one["name"])) if named else members


def _equal(wanted: Any, live: Any, path: str) -> bool:
    field = path.rpartition(".")[2]
    if live is None:  # answers leave out what has the value that it has anyway
        return wanted in (None, False, 0, "", "0s", [], {})
    if field == "image" and isinstance(live, str):
        return same_image(wanted, live)
    if field in ("cpu", "memory"):
        return _same_quantity(wanted, live)
    return bool(wanted == live or (type(wanted) is not bool and str(wanted) == str(live)))


def _same_quantity(one: object, other: object) -> bool:
    """Whether two mean the same, as consoles and tools write 1 CPU or 2048 MB in several ways."""
    try:
        return quantity(one) == quantity(other)
    except ValueError:
        return one == other


def same_image(one: object, other: object) -> bool:
    """Whether two images have the same name, whatever their tags and digests are."""
    found = [_IMAGE.fullmatch(str(name)) for name in (one, other)]
    return all(found) and len({match["name"] for match in found if match}) == 1
