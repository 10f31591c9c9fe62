"""Filters of lists, in the form that Google's APIs share: https://google.aip.dev/160."""

import re
from typing import Any

from tests.deploy.google_fake.errors import Body, Refused

_CLAUSE = re.compile(r'\s*([\w.]+)\s*(=|:)\s*(?:"([^"]*)"|(\S+))\s*')


def meets(resource: Body, text: str) -> bool:
    """Whether a resource meets a filter of the form `display_name = "x" AND user_labels.app = "y"`."""
    clauses = [_CLAUSE.fullmatch(one) for one in re.split(r"\s+AND\s+", text)] if text else []
    if None in clauses:
        raise Refused(501, f"The fake does not know the filter {text!r}")
    return all(_clause(resource, one) for one in clauses if one)


def _clause(resource: Body, clause: re.Match[str]) -> bool:
    first, *rest = clause[1].split(".")
    value: Any = resource.get(re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), first))
    for key in rest:
        value = value.get(key) if isinstance(value, dict) else None
    wanted = clause[3] if clause[3] is not None else clause[4]
    if clause[2] == ":":
        return value is not None and (wanted == "*" or wanted in value)
    return str(value) == wanted if not isinstance(value, bool) else str(value).lower() == wanted.lower()
