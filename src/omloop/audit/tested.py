"""What a test uses of its repository, and whether a workflow runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from omloop.audit.commands import in_workflow
from omloop.audit.modules import local_files
from omloop.audit.python_facts import Function, PythonFacts
from omloop.audit.repository import Repository

_TAKES_FOLDER = ("--ignore", "--deselect", "--rootdir", "--confcutdir", "--cov", "-c")
"""Options whose next word may be a folder that is no selection of tests."""


def files_beside(repository: Repository, facts: PythonFacts) -> list[PythonFacts]:
    """A file of tests and each conftest.py whose fixtures it may use."""
    paths = [f"{parent}/conftest.py".removeprefix("./") for parent in PurePosixPath(facts.path).parents]
    return [facts, *(repository.python[path] for path in paths if path in repository.python)]


def used_files(repository: Repository, facts: PythonFacts, test: Function) -> set[str]:
    """The repository's files whose names a test uses: by itself, or by fixtures and helpers of the files beside it."""
    beside = files_beside(repository, facts)
    waiting, seen, used = [(facts, test)], {(facts.path, test)}, set[str]()
    while waiting:
        at, function = waiting.pop()
        used.update(_imported_by(repository, at, function))
        for near in beside:
            for one in near.functions:
                if one.name in function.uses and not one.name.startswith("test") and (near.path, one) not in seen:
                    seen.add((near.path, one))
                    waiting.append((near, one))
    return used


def _imported_by(repository: Repository, facts: PythonFacts, function: Function) -> Iterator[str]:
    uses = function.uses
    used = tuple(one for one in facts.imports if one.name in uses or one.name.partition(".")[0] in uses)
    yield from (one.path for one in local_files(repository, replace(facts, imports=used)))


def run_by_itself(repository: Repository, path: str, runs: str) -> bool:
    """Whether a workflow that something else than a person starts comes to a command of `runs` that takes the test."""
    automatic = [one for one in repository.workflows.values() if one.is_automatic()]
    commands = (command.text for one in automatic for command in in_workflow(repository, one))
    return any(_selects(repository, text[hit.end() :], path) for text in commands if (hit := re.search(runs, text)))


def _selects(repository: Repository, words: str, path: str) -> bool:
    """Whether `tests/unit -x` takes a test; a command that names no folder or file of tests takes all of them."""
    if re.search(r"[$*{]", words):
        return True
    told = words.split()
    plain = [word for word, before in zip(told, ["", *told], strict=False) if before not in _TAKES_FOLDER]
    named = [word.partition("::")[0].removeprefix("./").rstrip("/") for word in plain]
    named = [
        one
        for one in named
        if re.fullmatch(r"tests?/[\w./-]+", one) or any(_is_in(facts.path, one) for facts in repository.tests)
    ]
    return not named or any(_is_in(path, one) for one in named)


def _is_in(path: str, folder: str) -> bool:
    return f"/{folder}/" in f"/{path}/"  # a step may work in a folder of the repository
