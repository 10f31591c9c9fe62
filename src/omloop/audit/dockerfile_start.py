"""Which file of a repository an image starts, where the Dockerfile surely keeps the repository's paths."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from omloop.audit.dockerfile import Dockerfile, operands

_PYTHON = re.compile(r"(?:^|\s)python3?(?:\s+-[uBEIO]+)*\s+(?:-m\s+(\w+(?:\.\w+)+)|([\w./-]+\.py))(?:\s|$)")
_KNOWN_IMAGE = re.compile(r"python|torch|tensorflow|cuda|ubuntu|debian|alpine|conda|astral-sh/uv")
"""Images of others: they hold no file of the repository."""
_MAKES_FILES = re.compile(r"\b(?:git|curl|wget|mv|cp|ln|unzip|tar|gsutil|gcloud|aws|dvc|touch|tee|rsync)\s|\s>")


def started(docker: Dockerfile) -> tuple[int, str] | None:
    """The line, and the file or module that the image starts, as the repository calls it.

    None if it starts nothing of Python's, or if the file may come from elsewhere.
    """
    commands = list(docker.starts())
    found = _PYTHON.search(commands[-1][1]) if commands else None
    if not found or re.search(r"\$|\bcd\s|&&|;", commands[-1][1]):
        return None
    folder = _folder(docker)
    if folder is None:
        return None
    name = found[1] or posixpath.relpath(posixpath.join(folder, found[2]), folder)
    return None if name.startswith("..") else (commands[-1][0], name)


def _folder(docker: Dockerfile) -> str | None:
    """The folder that the image starts in, where this is the repository's own place, else None."""
    here, stages, copied = "/", set[str](), list[tuple[str, str]]()
    for _, word, rest in docker.instructions:
        if word == "FROM":
            words = operands(rest) or [""]
            if words[0] not in stages:
                here, copied = "/", []
                if not _KNOWN_IMAGE.search(words[0]):
                    return None
            stages.add(words[-1])
        elif word == "WORKDIR":
            here = posixpath.join(here, rest.strip("\"'"))
        elif word in ("COPY", "ADD"):
            copied += _copied(here, rest)
        elif word == "RUN" and _MAKES_FILES.search(rest):
            copied.append(("", here))
    at = posixpath.normpath(here)
    return at if "$" not in at and all(_keeps(at, *one) for one in copied) else None


def _copied(here: str, rest: str) -> Iterator[tuple[str, str]]:
    """The sources and their target; an empty source for what does not come from the build folder."""
    words = operands(rest)
    elsewhere = "--from=" in rest or "<<" in rest
    for source in words[:-1]:
        yield ("" if elsewhere else source), posixpath.join(here, words[-1])


def _keeps(folder: str, source: str, target: str) -> bool:
    """Whether what is copied has the same path below the folder as in the repository, or can be no code."""
    plain, suffix = posixpath.normpath(source.strip("/") or "."), posixpath.splitext(source)[1]
    if "$" in source + target or "://" in source:
        return False
    if not source:
        return not f"{posixpath.normpath(target)}/".startswith(f"{folder.rstrip('/')}/")
    if suffix not in ("", ".py", ".gz", ".tgz", ".tar", ".zip") and "*" not in source:
        return True
    at, inside = posixpath.normpath(target), posixpath.normpath(posixpath.join(folder, plain))
    return at == inside or (suffix == ".py" and at == posixpath.dirname(inside))
