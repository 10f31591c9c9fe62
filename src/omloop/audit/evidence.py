"""What the files of a repository answer: whether something is there, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["found", "weak", "missing", "not in files"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A file of the repository and a line of it, from 1, or 0 for the file as a whole.

    >>> print(Spot("src/train.py", 12), Spot("Dockerfile"))
    src/train.py:12 Dockerfile
    """

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True)
class Evidence:
    """Whether an item is there, where, and in words what the audit found or why the evidence is weak.

    `next_step` says what to do, where the item's own step does not fit.
    """

    state: State
    why: str = ""
    spots: tuple[Spot, ...] = ()
    next_step: str = ""


def found(why: str, *spots: Spot) -> Evidence:
    """It is there, and these places, each told once, show it."""
    return Evidence("found", why, tuple(dict.fromkeys(spots)))


def weak(why: str, *spots: Spot) -> Evidence:
    """Something is there that does not serve its purpose, or not alone."""
    return Evidence("weak", why, tuple(dict.fromkeys(spots)))


def missing(why: str = "") -> Evidence:
    """No file shows it."""
    return Evidence("missing", why)


def unprovable(why: str) -> Evidence:
    """No file can show it."""
    return Evidence("not in files", why)


@dataclass(frozen=True)
class Defect:
    """Something surely wrong that no item asks for."""

    what: str
    spot: Spot
    next_step: str
