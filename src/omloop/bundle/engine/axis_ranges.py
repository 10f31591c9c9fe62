"""Which ranges of a graph count along an axis of its inputs: these are no larger than the inputs.

Exporters write such ranges for positions in a text, and for views of a picture's features. It reads everything from the
file's bytes; see `graph_bounds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

RANGE = "Range"
_SAME_VALUES = frozenset(["Cast", "Gather", "Identity", "Reshape", "Squeeze", "Unsqueeze"])
"""Operators that give values of their first input, in whatever shape."""
_FOLLOWED = _SAME_VALUES | {"Shape"}
_MOST_STEPS = 32
_MOST = 2**62  # negative numbers are read as larger ones


class SmallNode(NamedTuple):
    """The parts of a node that matter here: its operator, and the names of its inputs and outputs."""

    operator: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]


@dataclass
class MainGraph:
    """What of the outermost graph tells how far its ranges go: its inputs, its single whole numbers, and some nodes."""

    inputs: set[str] = field(default_factory=set)
    numbers: dict[str, int | None] = field(default_factory=dict)
    ranges: list[SmallNode] = field(default_factory=list)
    _makers: dict[str, SmallNode] = field(default_factory=dict)
    _twice: bool = False

    def add(self, node: SmallNode) -> None:
        """Remember a node if it is a range, or leads from an input's shape to one."""
        if node.operator == RANGE:
            self.ranges.append(node)
        for name in node.gives:
            self._twice = self._twice or name in self._makers
            if node.operator in _FOLLOWED:
                self._makers[name] = node

    def count_along_axes(self) -> bool:
        """Whether all ranges count up to the length of an axis of an input, by whole steps from no less than 0."""
        return not self._twice and all(self._counts_along_axis(node.takes) for node in self.ranges)

    def _counts_along_axis(self, takes: Sequence[str]) -> bool:
        if len(takes) != 3:
            return False
        start, limit, step = takes
        first, by = self.numbers.get(start), self.numbers.get(step)
        return first is not None and by is not None and 0 <= first < _MOST and 1 <= by < _MOST and self._is_axis(limit)

    def _is_axis(self, name: str) -> bool:
        for _ in range(_MOST_STEPS):
            node = self._makers.get(name)
            if node is None or not node.takes:
                return False
            name = node.takes[0]
            if node.operator == "Shape":
                return name in self.inputs and name not in self.numbers
        return False
