"""Dockerfiles: their instructions, and which files of the repository they copy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from omloop.audit.tree import Node
from omloop.audit.workflow import run_lines

_NAME = re.compile(r"(?i)(?:^|[./_-])(?:docker|container)file(?:$|[._-][\w.-]+$)")
_PYTHON = re.compile(r"python:?(\d\.\d+)")


def is_dockerfile(name: str) -> bool:
    """Whether a file's name says so.

    >>> [is_dockerfile(name) for name in ("Dockerfile", "train.dockerfile", "Dockerfile.api", "dockerfiles.md")]
    [True, True, True, False]
    """
    return bool(_NAME.search(name.rstrip())) and not name.endswith(
        (".dockerignore", ".md", ".py", ".sh", ".j2", ".yml", ".yaml")
    )


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile: (line, instruction, rest) of each instruction."""

    path: str
    instructions: tuple[tuple[int, str, str], ...]

    def copies(self) -> Iterator[tuple[int, str]]:
        """The paths that it copies from the build folder, with their lines."""
        for line, word, rest in self.instructions:
            if word not in ("COPY", "ADD") or "--from=" in rest or "<<" in rest:
                continue
            sources = operands(rest)[:-1]
            for source in sources:  # beside others, a pattern may fit nothing
                optional = len(sources) > 1 and re.search(r"[*?[]", source)
                if "$" not in source and "://" not in source and not optional:
                    yield line, source

    def targetless(self) -> Iterator[tuple[int, str]]:
        """What it copies to nowhere, so that nothing can build it, with the lines."""
        for line, word, rest in self.instructions:
            if word in ("COPY", "ADD") and "<<" not in rest and len(named := operands(rest)) == 1:
                yield line, named[0]

    def python(self) -> tuple[int, str] | None:
        """The line and version of Python of the last image that names one."""
        before = takewhile(lambda one: one[1] != "FROM", self.instructions)  # no later argument reaches a FROM
        words = [one for _, word, rest in before if word == "ARG" for one in rest.split() if "=" in one]
        given = dict(one.split("=", 1) for one in words)
        images = [(line, _filled(rest, given)) for line, word, rest in self.instructions if word == "FROM"]
        found = [(line, hit[1]) for line, image in images if (hit := _PYTHON.search(image))]
        return found[-1] if found else None

    def entrypoint(self) -> str:
        """The program that it starts, which gets the command as its words."""
        starts = [rest for _, word, rest in self.instructions if word == "ENTRYPOINT"]
        return " ".join(_list(starts[-1]) or [starts[-1]]) if starts else ""

    def starts(self) -> Iterator[tuple[int, str]]:
        """The commands that the last stage starts with."""
        last = [line for line, word, _ in self.instructions if word == "FROM"][-1]
        began = {line for line, word, _ in self.instructions if word in ("CMD", "ENTRYPOINT") and line > last}
        yield from (one for one in self.commands() if one[0] in began)

    def commands(self) -> Iterator[tuple[int, str]]:
        """The commands that it runs during the build or at the start."""
        for line, word, rest in self.instructions:
            told = " ".join(_list(rest) or [rest])
            if word == "CMD" and self.entrypoint():
                yield line, f"{self.entrypoint()} {told}"
            elif word in ("RUN", "CMD", "ENTRYPOINT"):
                yield line, told


def read_dockerfile(path: str, text: str) -> Dockerfile | None:
    """The instructions; None for what builds from nothing."""
    read = []
    for line, told in run_lines(Node(text, 1, 1)):
        word, _, rest = told.partition(" ")
        if word.isalpha():
            read.append((line, word.upper(), rest.strip()))
    return Dockerfile(path, tuple(read)) if any(word == "FROM" for _, word, _ in read) else None


def _filled(text: str, given: Mapping[str, str]) -> str:
    """The text with the defaults of the arguments that it names."""

    def value(found: re.Match[str]) -> str:
        return given.get(found[1], found[2] or found[0]).strip("\"'")

    return re.sub(r"\$\{?(\w+)(?::?-([^}]*))?\}?", value, text)


def operands(rest: str) -> list[str]:
    """What a COPY or ADD names: the sources, and last the target.

    >>> operands("--chown=a:b a.py 'b.py' /app/"), operands('--link ["a b.py", "."]')
    (['a.py', 'b.py', '/app/'], ['a b.py', '.'])
    """
    plain = re.sub(r"^(?:--\S+\s+)+", "", rest)
    return [word.strip("\"'") for word in (_list(plain) or plain.split())]


def _list(rest: str) -> list[str]:
    if not rest.startswith("["):
        return []
    try:
        read = json.loads(rest)
    except ValueError:
        return []
    return [str(one) for one in read] if isinstance(read, list) else []
