"""How a project answered before it came to omloop: addresses and answers of another service, as data in the bundle.

A project writes them into its file `compat.json`; `omloop serve NAME --compat seeds` then answers there too.
See docs/reference/http-api.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from omloop.core import BundleError

COMPAT = "compat.json"
EACH = "$each"


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One address. `answer` is any JSON value; in it `$name` stands for what `facts` calls so, `$a.b` for a part of it.

    An object with the one key `$each` is a list with its value for each prediction. `take` says what a request brings
    in `field`: a `file` of a form, JSON `rows`, JSON `pixels` (numbers, `shape` of them, each times `scale` from 0 to
    1), a text in the `query`, where `default` is taken when there is none, or `nothing`, and then nothing is predicted.
    """

    path: str
    answer: Any
    method: Literal["GET", "POST"] = "GET"
    take: Literal["nothing", "file", "rows", "pixels", "query"] = "nothing"
    field: str = ""
    shape: tuple[int, ...] = ()
    scale: float = 1.0
    default: str | None = None


class Compat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The routes of another service. `labels` maps our classes to its names, `classes` is its order, in our names.

    >>> compat = read_compat(b'{"labels": {"angry": "anger"}, "routes": [{"path": "/", "answer": ["$label", 1]}]}')
    >>> compat.fill(compat.routes[0].answer, [compat.facts({"label": "angry"})])
    ['anger', 1]
    """

    routes: tuple[Route, ...]
    labels: dict[str, str] = {}
    classes: tuple[str, ...] = ()

    def facts(self, prediction: Mapping[str, Any], **more: Any) -> dict[str, Any]:
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

    def fill(self, template: Any, facts: Sequence[Mapping[str, Any]]) -> Any:
        """The template with its names replaced by the first of the facts; raises KeyError for a name there is not."""
        if isinstance(template, dict):
            if template.keys() == {EACH}:
                return [self.fill(template[EACH], [one]) for one in facts]
            return {key: self.fill(value, facts) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value, facts) for value in template]
        return _fact(template, facts) if isinstance(template, str) and template.startswith("$") else template


ALWAYS = ("version", "project", "milliseconds")
"""What every answer may speak of, whatever was predicted."""


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
    return compat


def check_compat(compat: Compat, answer: Mapping[str, Any]) -> None:
    """Raise BundleError when a route speaks of something that an answer such as `answer` does not say."""
    always = dict.fromkeys(ALWAYS, "")
    for route in compat.routes:
        facts = dict(always) if route.take == "nothing" else compat.facts(answer, id="", **always)
        try:
            compat.fill(route.answer, [facts])
        except (KeyError, TypeError) as error:
            there = ", ".join(sorted(facts))
            raise BundleError(f"{COMPAT}: the answer of '{route.path}' has no {error}. There are: {there}.") from error


def _fact(name: str, facts: Sequence[Mapping[str, Any]]) -> Any:
    found: Any = facts[0]
    for part in name[1:].split("."):
        found = found[part]
    return found
