"""Questions that several items ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from omloop.audit.commands import any_of, run_where
from omloop.audit.evidence import Evidence, Spot, missing, weak
from omloop.audit.python_facts import Call, PythonFacts
from omloop.audit.repository import Repository
from omloop.audit.workflow import Workflow

MOST_SPOTS = 3
"""Places that are shown of one item."""


def first(spots: Iterable[Spot]) -> list[Spot]:
    """The first few, each once."""
    return list(dict.fromkeys(spots))[:MOST_SPOTS]


def spots_of(calls: Iterable[tuple[PythonFacts, Call]]) -> list[Spot]:
    """Where calls stand."""
    return first(Spot(facts.path, call.line) for facts, call in calls)


def lines_with(repository: Repository, pattern: str, *ends: str) -> list[Spot]:
    """The first fitting line of each text that has one; with `ends`, only of texts whose names end so."""
    wanted = re.compile(pattern, re.MULTILINE)
    texts = repository.texts.items()
    fitting = [path for path, text in texts if (not ends or path.endswith(ends)) and wanted.search(text)]
    return [repository.line_of(path, pattern) for path in fitting]


def run_spots(repository: Repository, *patterns: str) -> list[Spot]:
    """The places of commands that fit one of the patterns."""
    return [one.spot for one in run_where(repository, any_of(*patterns))]


def uses_of(repository: Repository, pattern: str) -> list[tuple[Workflow, Spot]]:
    """Steps of workflows that use an action which fits."""
    wanted = re.compile(pattern)
    steps = ((one, step) for one in repository.workflows.values() for step in one.steps)
    return [(one, Spot(one.path, step.line)) for one, step in steps if wanted.search(step.uses)]


def keys_of(repository: Repository, *names: str) -> list[Spot]:
    """The places of these keys at the top of YAML files."""
    trees = ((path, tree) for path, read in repository.yaml.items() for tree in read)
    return [Spot(path, hit.line) for path, tree in trees for name in names if (hit := tree.get(name))]


def classes_of(repository: Repository, *bases: str, tests: bool = False) -> list[Spot]:
    """Where classes descend from bases of these names; in tests too, if `tests` is true."""
    every = repository.python.values() if tests else repository.code
    classes = ((facts, one) for facts in every for one in facts.classes)
    return [Spot(facts.path, one.line) for facts, one in classes if any(base.endswith(bases) for base in one.bases)]


def some(names: Sequence[str], most: int = 4) -> str:
    """A few names, and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def omloop_projects(repository: Repository) -> list[Spot]:
    """Where the repository declares projects of omloop."""
    return spots_of(repository.calls("omloop.Project"))


def only_declared(repository: Repository, *packages: str) -> Evidence:
    """Weak where the repository declares one of the packages but does not use it, else missing."""
    named = [one for one in packages if repository.dependencies.has(one)]
    if named:
        told = "are declared, but nothing uses them" if len(named) > 1 else "is declared, but nothing uses it"
        return weak(f"{some(named)} {told}", *first(_declared_at(repository, one) for one in named))
    return missing()


def _declared_at(repository: Repository, package: str) -> Spot:
    """The line that declares a package, or else the first place that declares any."""
    spots = repository.dependencies.spots
    own = rf"(?i)^(?:[^#]*[\"']|[\s-]*)?{package.replace('-', '[-_.]')}(?![\w.-])"
    lines = (repository.line_of(one.path, own) for one in spots)
    return next((one for one in lines if one.line), spots[0])


def not_started(repository: Repository, otherwise: Evidence) -> Evidence:
    """Weak where omloop does it for the project that is here, and no file starts it."""
    projects = omloop_projects(repository)
    if projects and otherwise.state == "missing":
        return weak("omloop can; no file starts it", projects[0])
    return otherwise
