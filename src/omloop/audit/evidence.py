"""What is asked of a repository, and what its files answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from omloop.audit.repository import Repository

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
    """Whether an item is there, where, and in words what was found or why it is weak."""

    state: State
    why: str = ""
    spots: tuple[Spot, ...] = ()


def found(why: str, *spots: Spot) -> Evidence:
    """It is there, and these places show it."""
    return Evidence("found", why, spots)


def weak(why: str, *spots: Spot) -> Evidence:
    """Something is there that does not do what it is for, or that alone does not."""
    return Evidence("weak", why, spots)


def missing(why: str = "") -> Evidence:
    """No file shows it."""
    return Evidence("missing", why)


def unprovable(why: str) -> Evidence:
    """No file can show it."""
    return Evidence("not in files", why)


@dataclass(frozen=True)
class Item:
    """A line of the check-list: its name, the modules of the course it is about, how to look, and what adds it.

    `words` are beginnings of words by which a line of somebody else's check-list is known to mean it.
    """

    name: str
    week: str
    modules: tuple[int, ...]
    look: Callable[[Repository], Evidence]
    next_step: str
    words: str


@dataclass(frozen=True)
class ItemResult:
    """An item with its evidence."""

    item: Item
    evidence: Evidence

    @property
    def next_step(self) -> str:
        """What to do; empty where nothing is to be done."""
        return self.item.next_step if self.evidence.state in ("weak", "missing") else ""


@dataclass(frozen=True)
class Defect:
    """Something surely wrong that no item asks for."""

    what: str
    spot: Spot
    next_step: str


@dataclass(frozen=True)
class AuditResult:
    """All items in the order of the check-list, the defects beyond it, and what could not be read."""

    path: str
    items: Sequence[ItemResult]
    defects: Sequence[Defect]
    unread: Sequence[tuple[str, str]]
    files: int

    def count(self, state: State) -> int:
        """How many items are in a state."""
        return sum(one.evidence.state == state for one in self.items)
