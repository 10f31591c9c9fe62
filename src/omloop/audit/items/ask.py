"""Questions that several items ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from omloop.audit.evidence import Evidence, Spot, missing, weak
from omloop.audit.python_facts import Call, PythonFacts
from omloop.audit.repository import Repository

MOST_SPOTS = 3
"""Places that are shown of one item."""


def first(spots: Iterable[Spot]) -> list[Spot]:
    """The first few, each once."""
    return list(dict.fromkeys(spots))[:MOST_SPOTS]


def spots_of(calls: Iterable[tuple[PythonFacts, Call]]) -> list[Spot]:
    """Where calls stand."""
    return first(Spot(facts.path, call.line) for facts, call in calls)


def some(names: Sequence[str], most: int = 4) -> str:
    """A few names, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def omloop_projects(repository: Repository) -> list[Spot]:
    """Where projects of omloop are declared."""
    return spots_of(repository.calls("omloop.Project"))


def only_declared(repository: Repository, *packages: str) -> Evidence:
    """Weak where one of the packages is declared and nothing uses it, else missing."""
    named = [one for one in packages if repository.dependencies.has(one)]
    if named:
        return weak(f"{some(named)} is declared, but nothing uses it", *repository.dependencies.spots[:1])
    return missing()


def not_started(repository: Repository, otherwise: Evidence) -> Evidence:
    """Weak where omloop does it for the project that is here, and no file starts it."""
    projects = omloop_projects(repository)
    if projects and otherwise.state == "missing":
        return weak("omloop can; no file starts it", projects[0])
    return otherwise
