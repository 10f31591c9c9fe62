"""A syntax tree with its nodes by their types, so that one walk is enough."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)


class Syntax:
    """A module and its nodes, in the order of the source."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        waiting: list[ast.AST] = [tree]
        while waiting:
            node = waiting.pop()
            self._nodes[type(node)].append(node)
            waiting += _children(node)

    def of(self, kind: type[N]) -> Sequence[N]:
        """The nodes of one type."""
        found: Sequence[N] = self._nodes.get(kind, ())  # type: ignore[assignment]
        return found


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes below, the last one first, without those that hold nothing, such as `Load` and `Add`."""
    below: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            below += [one for one in value if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST) and value._fields:
            below.append(value)
    below.reverse()
    return below
