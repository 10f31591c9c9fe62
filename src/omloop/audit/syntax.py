"""A syntax tree with its nodes by their types, so that it is walked once."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)


class Syntax:
    """A module and its nodes."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._nodes: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in ast.walk(tree):
            self._nodes[type(node)].append(node)

    def of(self, kind: type[N]) -> Sequence[N]:
        """The nodes of one type."""
        found: Sequence[N] = self._nodes.get(kind, ())  # type: ignore[assignment]
        return found
