"""YAML as a tree that remembers lines. It holds texts, lists and mappings only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 200_000
MOST_NODES = 50_000
MOST_DEPTH = 60


class TooLargeTree(ValueError):
    """A file whose aliases unfold without bound, or whose nesting is too deep."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line of its key; `body` is the line at which a text of several lines begins."""

    value: dict[str, Node] | list[Node] | str
    line: int
    body: int

    def get(self, *keys: str) -> Node | None:
        """The node below the keys."""
        node: Node | None = self
        for key in keys:
            node = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
        return node

    @property
    def text(self) -> str:
        """A text; empty for a value that is no text."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> list[Node]:
        """A list's values; for a value that is no list, a list of that value."""
        return self.value if isinstance(self.value, list) else [self]

    @property
    def pairs(self) -> dict[str, Node]:
        """A mapping's values; none for a value that is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def texts(self) -> Iterator[Node]:
        """Every text below it."""
        if isinstance(self.value, str):
            yield self
            return
        for one in self.value.values() if isinstance(self.value, dict) else self.value:
            yield from one.texts()

    def find(self, key: str) -> Node | None:
        """The node below the first key of that name, at any depth."""
        if key in self.pairs:
            return self.pairs[key]
        below = self.value.values() if isinstance(self.value, dict) else self.value
        hits = (one.find(key) for one in below if isinstance(one, Node))
        return next((hit for hit in hits if hit), None)


def read_yaml(text: str) -> list[Node]:
    """The documents of a text; raises ValueError with a reason for what is no YAML or unfolds without bound."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    left = [MOST_NODES]
    try:
        return [_node(one, one.start_mark.line + 1, left, 0) for one in yaml.compose_all(text, loader) if one]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"no YAML: {getattr(error, 'problem', None) or type(error).__name__}{where}") from error


def _node(node: Any, line: int, left: list[int], depth: int) -> Node:
    left[0] -= 1
    if left[0] < 0 or depth > MOST_DEPTH:
        raise TooLargeTree("it is nested too deep, or its aliases unfold to too much")
    start = node.start_mark.line + 1
    if node.id == "scalar":
        return Node(str(node.value), line, start + 1 if node.style in ("|", ">") else start)
    if node.id == "sequence":
        return Node([_node(one, one.start_mark.line + 1, left, depth + 1) for one in node.value], line, start)
    pairs: dict[str, Node] = {}
    for key, value in node.value:
        found = _node(value, key.start_mark.line + 1, left, depth + 1)
        if key.value == "<<":  # a merge: what the mapping itself has goes before
            merged = [pair for one in found.items for pair in one.pairs.items()]
            pairs = {**dict(merged), **pairs}
        elif key.id == "scalar":
            pairs[str(key.value)] = found
    return Node(pairs, line, start)
