"""Names in a syntax tree, resolved by the file's own imports and assignments."""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from omloop.audit.syntax import Syntax

MOST_TEXT = 400


def dotted(node: ast.AST) -> str:
    """`a.b.c` as the source has it; calls on the way as `a().b`, anything else as an empty text.

    >>> dotted(ast.parse("trainer().fit", mode="eval").body)
    'trainer().fit'
    """
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Name):
            return node.id + "".join(reversed(parts))
        else:
            return "".join(reversed(parts)).lstrip(".") if parts and parts[-1] != "()" else ""


def text_of(node: ast.AST) -> str:
    """A constant's text, an f-string with `{}` for each of its values, a name as it stands; else an empty text."""
    if isinstance(node, ast.Constant):
        return str(node.value)[:MOST_TEXT]
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)[:MOST_TEXT]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{text_of(node.operand)}"
    return dotted(node)


Position = tuple[int, int]
_BEGIN, _END = (0, 0), (sys.maxsize, 0)


@dataclass(frozen=True)
class Names:
    """What a file calls things: imported names, and variables that hold what a call returned.

    `made` says from which position on a variable holds the result of which call; empty for none. An assignment counts
    from there on, within its function. That of a global or of an attribute of `self` counts anywhere.
    """

    imported: Mapping[str, str]
    made: Mapping[str, Sequence[tuple[Position, str]]]

    @classmethod
    def of(cls, syntax: Syntax) -> Names:
        """Read them from a tree."""
        imported = {one.asname: one.name for node in syntax.of(ast.Import) for one in node.names if one.asname}
        for node in syntax.of(ast.ImportFrom):
            module = "." * node.level + (f"{node.module}." if node.module else "")
            imported.update({one.asname or one.name: module + one.name for one in node.names})
        assigned: list[tuple[ast.AST, ast.expr | None]] = []
        assigned += [(target, one.value) for one in syntax.of(ast.Assign) for target in one.targets]
        assigned += [(one.target, one.value) for one in syntax.of(ast.AnnAssign)]
        assigned += [(one.optional_vars, one.context_expr) for one in syntax.of(ast.withitem) if one.optional_vars]
        plain = cls(imported, {})
        calls = [(dotted(target), call) for target, call in assigned if isinstance(call, ast.Call)]
        shared = {name for one in syntax.of(ast.Global) for name in one.names}
        made: dict[str, list[tuple[str, Position, Position]]] = {}
        for name, call, end in _within(syntax, sorted(calls, key=lambda one: _end(one[1]))):
            if name and (maker := plain.resolve(call)):
                anywhere = name in shared or name.startswith("self.")
                begin, last = (_BEGIN, _END) if anywhere else (_end(call), end)
                made.setdefault(name, []).append((maker, begin, last))
        return cls(imported, {name: list(_changes(held)) for name, held in made.items()})

    def resolve(self, node: ast.AST) -> str:
        """The full name: `np.load` as `numpy.load`, `app.get` as `fastapi.FastAPI().get`."""
        name = dotted(node)
        head, _, rest = name.partition(".")
        if head == "self" and rest:
            second, _, rest = rest.partition(".")
            head = f"self.{second}"
        bare = head.removesuffix("()")
        full = self._maker(head, node)
        if full is None and bare in self.imported:
            full = self.imported[bare] + head[len(bare) :]
        if full is None:
            return name
        return f"{full}.{rest}" if rest else full

    def _maker(self, head: str, node: ast.AST) -> str | None:
        """What made the value that a variable holds at a node, by its last assignment before."""
        changes = self.made.get(head)
        if changes is None:
            return None
        at = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        before = bisect_right(changes, at, key=itemgetter(0))
        return changes[before - 1][1] or None if before else None


def _end(node: ast.AST) -> Position:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _within(syntax: Syntax, calls: Sequence[tuple[str, ast.Call]]) -> Iterator[tuple[str, ast.Call, Position]]:
    """The calls, which stand in order, each with the end of the innermost function around it."""
    functions = [*syntax.of(ast.FunctionDef), *syntax.of(ast.AsyncFunctionDef)]
    waiting = sorted(((one.lineno, one.col_offset), _end(one)) for one in functions)[::-1]
    around = [_END]
    for name, call in calls:
        at = _end(call)
        while waiting and waiting[-1][0] <= at:
            around.append(waiting.pop()[1])
        while around[-1] < at:
            around.pop()
        yield name, call, around[-1]


def _changes(held: Iterable[tuple[str, Position, Position]]) -> Iterator[tuple[Position, str]]:
    """Where a variable changes what it holds: at an assignment, and back at the end of its function."""
    around = [("", _END)]
    for maker, begin, end in (*held, ("", _END, _END)):
        while len(around) > 1 and around[-1][1] <= begin:
            _, ended = around.pop()
            yield ended, around[-1][0]
        around.append((maker, end))
        yield begin, maker
