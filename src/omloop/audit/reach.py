"""Which functions of the repository a function comes to by its calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omloop.audit.modules import local_files
from omloop.audit.python_facts import Call, Function, PythonFacts
from omloop.audit.repository import Repository

_CALLED = ("__call__", "forward")
"""The methods that run where code calls an object of a class."""


def calls_in(facts: PythonFacts, function: Function) -> Iterator[Call]:
    """The calls in a function."""
    return (call for call in facts.calls if function.line <= call.line <= function.end)


def reached(repository: Repository, facts: PythonFacts, function: Function) -> Iterator[tuple[PythonFacts, Function]]:
    """The function, and all of the repository's that it calls or passes on, directly or not."""
    waiting, seen = [(facts, function)], {(facts.path, function.line)}
    while waiting:
        at, one = waiting.pop()
        yield at, one
        names = {name for call in calls_in(at, one) for name in (call.name, *passed(call))}
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
    last = plain.rpartition(".")[2]
    imports = tuple(one for one in facts.imports if _begins(plain, one.name))
    if imports and ".state." not in plain:  # what an application holds may be anything
        files = list(local_files(repository, replace(facts, imports=imports)))
        files += [one for file in files if file.path.endswith("__init__.py") for one in local_files(repository, file)]
    else:
        files = [facts, *(local_files(repository, facts) if "." in plain else ())]
    for file in files:
        for one in file.functions:
            if one.name == last or (name.endswith("()") and one.within == last and one.name in _CALLED):
                yield file, one


def _begins(name: str, imported: str) -> bool:
    return f"{name}.".startswith((f"{imported}.", f"{imported.rpartition('.')[2]}."))
