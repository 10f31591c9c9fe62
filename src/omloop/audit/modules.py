"""Which file of the repository an import means, and what a file needs in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from omloop.audit.python_facts import Import, PythonFacts
from omloop.audit.repository import Repository


def is_local(repository: Repository, name: str) -> bool:
    """Whether an imported name is the repository's own: a relative one, or called as one of its files or folders."""
    top = name.partition(".")[0]
    return not top or top == repository.listing.folder.name or top in repository.once(_own_names)


def _own_names(repository: Repository) -> frozenset[str]:
    stems = {PurePosixPath(path).stem for path in repository.python if path.endswith(".py")}
    folders = {part for path in repository.python for part in PurePosixPath(path).parts[:-1]}
    return frozenset(stems | folders)


def has_module(repository: Repository, name: str) -> bool:
    """Whether a file or a package of the repository, from its root or any folder on, is called so."""
    stem = name.replace(".", "/")
    ends = (f"{stem}.py", f"{stem}/__init__.py", f"{stem}/__main__.py")
    return any(f"/{path}".endswith(f"/{end}") for path in repository.paths for end in ends)


def local_files(repository: Repository, facts: PythonFacts) -> Iterator[PythonFacts]:
    """The files of the repository that a file imports."""
    resolved = repository.once(_resolved)
    for one in facts.imports:
        asked = (facts.path.rpartition("/")[0], one.name)
        if asked not in resolved:
            candidates = _candidates(facts.path, one, repository.listing.folder.name)
            resolved[asked] = next((path for path in candidates if path in repository.python), "")
        if path := resolved[asked]:
            yield repository.python[path]


def _resolved(_: Repository) -> dict[tuple[str, str], str]:
    """The file of each import that somebody has asked for, by the importing folder; empty for none."""
    return {}


def needed_by(repository: Repository, begun: Iterable[PythonFacts]) -> dict[str, PythonFacts]:
    """These files and all of the repository's that they import, directly or not."""
    needed: dict[str, PythonFacts] = {}
    waiting = list(begun)
    while waiting:
        facts = waiting.pop()
        if facts.path not in needed:
            needed[facts.path] = facts
            # A package's front door imports all of it, whatever is asked for.
            waiting += () if facts.path.endswith("__init__.py") else local_files(repository, facts)
    return needed


def _candidates(path: str, one: Import, root: str) -> Iterator[str]:
    """Where the module of an import may lie: from the root, from `src`, beside the file, or above it.

    The root itself may be the package, and is then the first word.
    """
    here = PurePosixPath(path).parent
    dots = len(one.name) - len(one.name.lstrip("."))
    bases = [here, *here.parents, PurePosixPath("src")]
    if dots:
        bases = [PurePosixPath(*here.parts[: len(here.parts) - dots + 1])]
    words = one.name.strip(".").removeprefix(f"{root}.").split(".")
    for length in (len(words), len(words) - 1):
        for base in bases if length else ():
            stem = base.joinpath(*words[:length])
            yield f"{stem}.py"
            yield f"{stem}/__init__.py"
