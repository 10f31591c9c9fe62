"""Files and modules that commands of tasks name, and the repository lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile
from posixpath import normpath

from omloop.audit.commands import every_command
from omloop.audit.evidence import Spot
from omloop.audit.modules import has_module, is_local
from omloop.audit.options import option
from omloop.audit.repository import Repository

TASKS = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "tasks.py")
PLAIN = re.compile(r"(?![/~-]|\.\./)[\w./-]+")
"""A path within the repository, without a variable."""
_PYTHON = re.compile(r"python3?|\$[({]\w*PYTHON\w*[)}]")
_ELSEWHERE = re.compile(r"\b(?:cd|pushd)\b|\s-C\b|://")
"""What leads a command to another folder."""
_RUNS = re.compile(r"(?:uv|poetry|pdm|pipenv|rye|hatch) run")
_BUILDS = re.compile(r"(?:docker (?:buildx )?|podman )build\b")
_FLAGS = ("-u", "-B", "-O", "-I")


def absent_from_tasks(repository: Repository) -> Iterator[tuple[str, Spot]]:
    """What commands of tasks name and no file is; nothing where a submodule may hold it or a task changes folders."""
    tasks = repository.python.get("tasks.py")
    moves = ".gitmodules" in repository.paths or (tasks and any(one.last in ("cd", "chdir") for one in tasks.calls))
    for command in () if moves else every_command(repository):
        if command.spot.path in TASKS and not _ELSEWHERE.search(command.text):
            for part in re.split(r"&&|\|\||[;|]", command.text):
                yield from ((name, command.spot) for name in _absent(repository, part.split()))


def _absent(repository: Repository, words: list[str]) -> Iterator[str]:
    words = list(dropwhile(lambda word: re.match(r"\w+=", word), words))
    words = words[2:] if _RUNS.fullmatch(" ".join(words[:2])) else words
    name = _file_named(words)
    if PLAIN.fullmatch(name) and normpath(name) not in repository.paths:
        yield name
    module = _module_named(words)
    own = is_local(repository, module) and not repository.dependencies.bring(module)
    if "." in module and own and not has_module(repository, module):
        yield module


def _file_named(words: list[str]) -> str:
    """The script of Python, the Dockerfile of a build, or the settings of MkDocs."""
    if _BUILDS.match(" ".join(words[:3])):
        return option(words, "-f", "--file")
    if words[:1] == ["mkdocs"]:
        return option(words, "-f", "--config-file")
    given = _given_to_python(words)
    return given[0] if given and given[0].endswith(".py") else ""


def _module_named(words: list[str]) -> str:
    given = _given_to_python(words)
    return given[1] if given[:1] == ["-m"] and re.fullmatch(r"\w[\w.]*", given[1] if given[1:] else "") else ""


def _given_to_python(words: list[str]) -> list[str]:
    starts = bool(words) and _PYTHON.fullmatch(words[0])
    return list(dropwhile(lambda word: word in _FLAGS, words[1:])) if starts else []
