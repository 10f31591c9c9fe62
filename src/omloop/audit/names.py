"""Names in a syntax tree, resolved by the file's own imports and assignments."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Names:
    """What a file calls things: imported names, and variables that hold what a call returned."""

    imported: Mapping[str, str]
    made: Mapping[str, str]

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
        made = {dotted(target): plain.resolve(call) for target, call in assigned if isinstance(call, ast.Call)}
        return cls(imported, {name: of for name, of in made.items() if name and of})

    def resolve(self, node: ast.AST) -> str:
        """The full name: `np.load` as `numpy.load`, `app.get` as `fastapi.FastAPI().get`."""
        name = dotted(node)
        head, _, rest = name.partition(".")
        if head == "self" and rest:
            second, _, rest = rest.partition(".")
            head = f"self.{second}"
        bare = head.removesuffix("()")
        full = self.made.get(head) or self.imported.get(bare)
        if full is None:
            return name
        full += "()" if head != bare and head not in self.made else ""
        return f"{full}.{rest}" if rest else full
