"""Which functions of the repository a function comes to by its calls."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice

from omloop.audit.modules import local_files
from omloop.audit.python_facts import Call, Function, Import, PythonFacts
from omloop.audit.repository import Repository

MOST_FUNCTIONS = 50
"""How many functions are followed from one."""
_CALLED = ("__call__", "forward")
"""The methods that run where code calls an object of a class."""


class _Index:
    """What a file has, by names and lines."""

    def __init__(self, facts: PythonFacts) -> None:
        self._facts = facts
        self.near: list[PythonFacts] | None = None

    @cached_property
    def calls(self) -> list[Call]:
        return sorted(self._facts.calls, key=lambda one: one.line)

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        """Functions by their names, and methods that run where code calls an object by `Class()`."""
        known: dict[str, list[Function]] = defaultdict(list)
        for one in self._facts.functions:
            known[one.name].append(one)
            if one.name in _CALLED:
                known[f"{one.within}()"].append(one)
        return known

    @cached_property
    def imports(self) -> dict[str, list[Import]]:
        """Imports by their full names and by what stands for them in the file."""
        known: dict[str, list[Import]] = defaultdict(list)
        for one in self._facts.imports:
            for name in {one.name, one.name.rpartition(".")[2]}:
                known[name].append(one)
        return known


def calls_in(repository: Repository, facts: PythonFacts, function: Function) -> list[Call]:
    """The calls in a function."""
    calls = _index(repository, facts).calls
    begin = bisect_left(calls, function.line, key=lambda one: one.line)
    return calls[begin : bisect_right(calls, function.end, key=lambda one: one.line)]


def reached(repository: Repository, facts: PythonFacts, function: Function) -> Iterator[tuple[PythonFacts, Function]]:
    """The function, and those of the repository's that it calls or passes on, directly or not."""
    return islice(_reached(repository, facts, function), MOST_FUNCTIONS)


def _reached(repository: Repository, facts: PythonFacts, function: Function) -> Iterator[tuple[PythonFacts, Function]]:
    waiting, seen = [(facts, function)], {(facts.path, function.line)}
    while waiting:
        at, one = waiting.pop()
        yield at, one
        names = {name for call in calls_in(repository, at, one) for name in (call.name, *passed(call))}
        for file, further in (hit for name in sorted(names) for hit in functions_named(repository, at, name)):
            if (file.path, further.line) not in seen:
                seen.add((file.path, further.line))
                waiting.append((file, further))


def passed(call: Call) -> list[str]:
    """The names that a call gets as arguments, such as `predict` in `run_in_threadpool(predict, x)`."""
    return [one for one in call.arguments if one and one not in call.texts]


def functions_named(repository: Repository, facts: PythonFacts, name: str) -> Iterator[tuple[PythonFacts, Function]]:
    """The functions of the repository that a name in a file may mean.

    For a method of an object that nothing tells, these are all of that name in the file and in those that it imports.
    """
    plain = name.replace("()", "")
    parts = plain.split(".")
    known = _index(repository, facts).imports
    heads = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    imports = tuple(one for head in heads for one in known.get(head, ()))
    if imports and ".state." not in plain:  # what an application holds may be anything
        files = list(local_files(repository, replace(facts, imports=imports)))
        files += [one for file in files if file.path.endswith("__init__.py") for one in local_files(repository, file)]
    else:
        files = [facts, *(near(repository, facts) if "." in plain else ())]
    for file in files:
        functions = _index(repository, file).functions
        yield from ((file, one) for one in functions.get(parts[-1], ()))
        if name.endswith("()"):
            yield from ((file, one) for one in functions.get(f"{parts[-1]}()", ()))


def near(repository: Repository, facts: PythonFacts) -> list[PythonFacts]:
    """The files of the repository that a file imports."""
    index = _index(repository, facts)
    if index.near is None:
        index.near = list(local_files(repository, facts))
    return index.near


def _index(repository: Repository, facts: PythonFacts) -> _Index:
    known = repository.once(_indexes)
    if facts.path not in known:
        known[facts.path] = _Index(facts)
    return known[facts.path]


def _indexes(_: Repository) -> dict[str, _Index]:
    """The index of each file that somebody has asked for."""
    return {}
