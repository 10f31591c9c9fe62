"""How a project answered before it came to omloop: addresses and answers of another service, as data in the bundle.

A project writes them into its file `compat.json`; `omloop serve NAME --compat former-service` then answers there too.
See docs/reference/http-api.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from omloop.core import BundleError, InputError, Kind, OmloopError

COMPAT = "compat.json"
EACH = "$each"
PROBED = ("/healthz", "/readyz")
"""Addresses of omloop's own that a route may add to: probes read both."""
_OURS = ("/v1/", "/metrics", "/docs", "/openapi.json")


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One address. `answer` is any JSON value; in it `$name` stands for what `facts` calls so, `$a.b` for a part of it.

    An object with the one key `$each` is a list with its value for each prediction. `take` says what a request brings
    in `field`. It is a `file` of a form, JSON `rows`, JSON `pixels`, a text in the `query`, or `nothing`. For rows,
    `fill` has values for missing columns. Pixels are numbers of `shape`, each times `scale` from 0 to 1. For a query,
    `default` is the text if there is none. With `nothing` the route predicts nothing.
    """

    path: str
    answer: object
    method: Literal["GET", "POST"] = "GET"
    take: Literal["nothing", "file", "rows", "pixels", "query"] = "nothing"
    field: str = ""
    fill: dict[str, object] = {}
    shape: tuple[int, ...] = ()
    scale: float = 1.0
    default: str | None = None

    def filled(self, row: object, fields: Sequence[str]) -> Any:
        """The row with the values of `fill` for those of `fields` that it leaves out.

        >>> Route("/", 1, fill={"age": 20, "size": 2}).filled({"sex": "f"}, ("age", "sex"))
        {'age': 20, 'sex': 'f'}
        """
        if not isinstance(row, dict):
            return row
        return {name: value for name, value in self.fill.items() if name in fields} | row


class Compat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The routes of another service. `labels` maps our classes to its names, `classes` is its order, in our names.

    >>> compat = read_compat(b'{"labels": {"angry": "anger"}, "routes": [{"path": "/", "answer": ["$label", 1]}]}')
    >>> compat.fill(compat.routes[0].answer, [compat.facts({"label": "angry"})])
    ['anger', 1]
    """

    routes: tuple[Route, ...]
    labels: dict[str, str] = {}
    classes: tuple[str, ...] = ()

    def facts(self, prediction: Mapping[str, Any], **more: object) -> dict[str, object]:
        """What an answer may speak of: a prediction in the other service's words, and `more`.

        Beside what the prediction says: the `index` of its class, its `confidence`, and `shares`, the probabilities as
        a list.
        """
        facts = {**prediction, **more}
        label, given = prediction.get("label"), prediction.get("probabilities", {})
        if label is not None:
            facts["label"] = self.labels.get(label, label)
        if given:
            order = [name for name in self.classes if name in given] or list(given)
            shares = {self.labels.get(name, name): given[name] for name in order}
            facts |= {"probabilities": shares, "shares": list(shares.values()), "confidence": given[label]}
            facts["index"] = order.index(label) if label in order else -1
        return facts

    def plain(self, route: Route, *, project: str, version: str) -> Any:
        """The answer of a route that takes nothing."""
        return self.fill(route.answer, [{"project": project, "version": version, "milliseconds": 0.0}])

    def predicts(self, method: str, path: str) -> bool:
        """Whether a route of it gives predictions."""
        return any(route.path == path and route.method == method and route.take != "nothing" for route in self.routes)

    def probed(self, path: str, *, project: str, version: str) -> dict[str, object]:
        """What the service said at one of the addresses `PROBED`; nothing if it did not have it."""
        routes = [route for route in self.routes if route.path == path]
        found: dict[str, object] = self.plain(routes[0], project=project, version=version) if routes else {}
        return found

    def fill(self, template: object, facts: Sequence[Mapping[str, object]]) -> Any:
        """The template with its names replaced by the first of the facts; raises KeyError for a name there is not."""
        if isinstance(template, dict):
            if template.keys() == {EACH}:
                return [self.fill(template[EACH], [one]) for one in facts]
            return {key: self.fill(value, facts) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value, facts) for value in template]
        return _fact(template, facts) if isinstance(template, str) and template.startswith("$") else template


ALWAYS = ("version", "project", "milliseconds")
"""The facts for every answer, whatever the prediction."""


def read_compat(content: bytes) -> Compat:
    """Read a `compat.json`; raises BundleError that says where it is wrong."""
    try:
        compat = msgspec.json.decode(content, type=Compat)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{COMPAT} describes no addresses: {error}.") from error
    for route in compat.routes:
        if not route.path.startswith("/") or (route.take == "nothing") == bool(route.field):
            raise BundleError(
                f"{COMPAT}: the route '{route.path}' needs a path from '/' on, and a field unless it takes nothing."
            )
        if route.path.startswith(_OURS):
            raise BundleError(f"{COMPAT}: '{route.path}' is an address of omloop's own, which goes on answering there.")
        plain = route.take == "nothing" and route.method == "GET" and isinstance(route.answer, dict)
        if route.path in PROBED and not plain:
            raise BundleError(f"{COMPAT}: '{route.path}' can only be a GET that takes nothing and answers an object.")
    return compat


def check_compat(compat: Compat, kind: Kind, row: Any, answer: Mapping[str, Any]) -> None:
    """Raise BundleError when a model could not answer a route: `row` is one that `kind` takes, `answer` its answer."""
    always = dict.fromkeys(ALWAYS, "")
    named = Counter(compat.labels.get(name, name) for name in answer.get("probabilities", ()))
    for name, count in named.items():
        if count > 1:
            raise BundleError(f"{COMPAT}: {count} classes are answered as '{name}'. Give each a label of its own.")
    for route in compat.routes:
        try:
            _check_taken(route, kind, row)
        except OmloopError as error:
            raise BundleError(f"{COMPAT}: '{route.path}' does not fit what the model takes: {error}") from error
        facts = dict(always) if route.take == "nothing" else compat.facts(answer, id="", **always)
        try:
            compat.fill(route.answer, [facts])
        except (KeyError, TypeError) as error:
            there = ", ".join(sorted(facts))
            raise BundleError(f"{COMPAT}: the answer of '{route.path}' has no {error}. There are: {there}.") from error


def _check_taken(route: Route, kind: Kind, row: Any) -> None:
    """Raise an error of ours if no request to `route` could fit the form of `kind`."""
    needed = {"file": "multipart/form-data", "query": "text/plain"}.get(route.take)
    if needed and needed not in kind.media_types:
        raise InputError(f"it takes no {needed}")
    if route.take == "rows":
        kind.parse([{**row, **route.filled({}, kind.fields)}])
    if route.take == "pixels":
        kind.encode({kind.fields[0]: [np.zeros(route.shape)]})


def _fact(name: str, facts: Sequence[Mapping[str, object]]) -> Any:
    found: Any = facts[0]
    for part in name[1:].split("."):
        found = found[part]
    return found
