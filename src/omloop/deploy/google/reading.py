"""The resources of a delivery, read from its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from omloop.core import ConfigError, Place, UnknownNameError
from omloop.deploy.google.access import POLICIES
from omloop.deploy.google.doctor import images_of
from omloop.deploy.google.kinds import KINDS
from omloop.deploy.google.plan import references_in
from omloop.deploy.google.prices import cost_of
from omloop.deploy.google.resource import Resource


def read_resources(texts: Mapping[str, str]) -> tuple[Resource, ...]:
    """The resources that the files of a delivery describe (texts by their paths), in the order of their creation.

    Several documents may give access to the same thing. Raises ConfigError for a file that is no YAML or describes no
    resource, or one that nobody could plan. Raises UnknownNameError for an unknown kind.
    """
    found: dict[tuple[str, str], Resource] = {}
    paths: dict[tuple[str, str], str] = {}
    for path, text in texts.items():
        for document in _documents(text, path):
            one = _resource(document, path)
            known = found.get((one.kind, one.name))
            found[one.kind, one.name] = one if known is None else _merged(known, one, path)
            paths[one.kind, one.name] = path
    for key, one in found.items():
        _require_plannable(one, tuple(found.values()), Place(paths[key]))
    return tuple(sorted(found.values(), key=lambda one: (_rank(one), one.name)))


def _rank(one: Resource) -> float:
    """The place of a resource in the order of creation.

    Access follows the accounts that get it and the resource that it opens. A server needs some of it to start.
    """
    order = list(KINDS)
    if one.kind != "access":
        return order.index(one.kind)
    of = one.name.partition("/")[0]
    return max(order.index(of) if of in order else 0, order.index("identity-provider")) + 0.5


def _documents(text: str, path: str) -> list[Any]:
    import yaml

    try:
        return [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 0 if mark is None else mark.line + 1
        told = "this is no YAML. Mend it, or write it anew: omloop deploy google NAME --force"
        raise ConfigError(told, Place(path, line)) from error


def _resource(document: Any, path: str) -> Resource:
    if not (isinstance(document, dict) and {"kind", "name"} <= set(document) <= {"kind", "name", "body"}):
        raise ConfigError("Each document needs a kind, a name and a body, and nothing else.", Place(path))
    kind, name, body = document["kind"], document["name"], document.get("body") or {}
    if not (isinstance(kind, str) and kind in KINDS):
        raise UnknownNameError("kind of resource", str(kind), KINDS, next_step=f"See {path}.")
    if kind == "access" and str(name).partition("/")[0] not in POLICIES:
        raise UnknownNameError("kind of resource with access", str(name).partition("/")[0], POLICIES)
    if not (isinstance(name, str) and isinstance(body, dict)):
        raise ConfigError(f"The {kind} '{name}' needs a text as its name and fields as its body.", Place(path))
    if kind == "access" and not all(_is_list_of_texts(members) for members in body.values()):
        raise ConfigError(f"Each role of the access {name} needs a list of members, such as [allUsers].", Place(path))
    if kind in ("access", "identity-provider") and not all(name.partition("/")):
        raise ConfigError(f"The name of the {kind} '{name}' needs two parts, with a slash between.", Place(path))
    return Resource(kind, name, body)


def _is_list_of_texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(one, str) for one in given)


def _require_plannable(one: Resource, among: Sequence[Resource], place: Place) -> None:
    """Raise ConfigError for a body that omloop cannot send, or that lacks something that a plan asks for."""
    again = "Mend it, or write it anew: omloop deploy google NAME --force"
    for kind, name in references_in(one):
        if kind not in KINDS and (kind, name) != ("project", "number"):
            raise ConfigError(f"The {one} names '${{{kind}:{name}}}', and there is no such kind. {again}", place)
    try:
        json.dumps(one.body)
    except TypeError as error:
        raise ConfigError(f"The {one} has a value that JSON does not have. Put dates in quotes.", place) from error
    try:
        images_of([one])
        cost_of(one, among, "")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        lacks = f"{error} is missing" if isinstance(error, KeyError) else "one of them has another form"
        told = f"The {one} needs its containers with images, limits, scaling or schedule, but {lacks}. {again}"
        raise ConfigError(told, place) from error


def _merged(one: Resource, other: Resource, path: str) -> Resource:
    if one.kind != "access":
        raise ConfigError(f"The {one} is described twice.", Place(path))
    roles = sorted({*one.body, *other.body})
    members = {role: sorted({*one.body.get(role, ()), *other.body.get(role, ())}) for role in roles}
    return Resource(one.kind, one.name, members)
