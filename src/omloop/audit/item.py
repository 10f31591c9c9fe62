"""The items that an audit looks for in a repository, and their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omloop.audit.evidence import Defect, Evidence, State
from omloop.audit.repository import Repository


@dataclass(frozen=True)
class Item:
    """A line of the check-list: its name, the modules of the course it is about, how to look, and what adds it.

    `words` are beginnings of words. A line of somebody else's check-list that has such words means this item.
    `asks_more` if its box asks something too that no file can show.
    """

    name: str
    week: str
    modules: tuple[int, ...]
    look: Callable[[Repository], Evidence]
    next_step: str
    words: str
    asks_more: bool = False


@dataclass(frozen=True)
class ItemResult:
    """An item with its evidence."""

    item: Item
    evidence: Evidence

    @property
    def next_step(self) -> str:
        """What to do; empty where there is nothing to do."""
        own = self.evidence.next_step or self.item.next_step
        return own if self.evidence.state in ("weak", "missing") else ""


@dataclass(frozen=True)
class AuditResult:
    """All items in the order of the check-list, the defects beyond it, and the unreadable files."""

    path: str
    items: Sequence[ItemResult]
    defects: Sequence[Defect]
    unread: Sequence[tuple[str, str]]
    files: int

    def count(self, state: State) -> int:
        """How many items are in a state."""
        return sum(one.evidence.state == state for one in self.items)
