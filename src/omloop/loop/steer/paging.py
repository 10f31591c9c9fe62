"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from omloop.loop.steer.request import SteerRequest

T = TypeVar("T")
SIZE, MOST_SIZE, MOST_PAGE = 50, 200, 1_000_000


@dataclass(frozen=True)
class Page:
    """The requested page of a list; pages count from 1."""

    page: int = 1
    size: int = SIZE

    @classmethod
    def of(cls, request: SteerRequest) -> Page:
        """What the query asks for; raises Refusal 400 for a page or a size that there cannot be."""
        return cls(request.number("page", 1, most=MOST_PAGE), request.number("size", SIZE, most=MOST_SIZE))

    def part(self, items: Sequence[T]) -> Sequence[T]:
        """The part of a list that the page shows.

        >>> Page(2, 3).part(range(7)), Page(9, 3).part([1])
        (range(3, 6), [])
        """
        begin = (self.page - 1) * self.size
        return items[begin : begin + self.size]

    def told(self, total: int) -> dict[str, int]:
        """What an answer says of the page, of a list of `total`."""
        return {"total": total, "page": self.page, "size": self.size}
