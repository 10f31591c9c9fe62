"""What a Python file says, by its syntax tree: imports, calls, functions, classes, commands that it starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from omloop.audit.code_defects import Oddity, oddities
from omloop.audit.names import Names, dotted, text_of

_STARTS = {"run", "system", "sudo", "call", "check_call", "check_output", "Popen"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name in full, such as `google.cloud.storage`; `..data` is relative. `optional` ones may be absent."""

    name: str
    module: str
    line: int
    optional: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its resolved name, such as `torch.utils.data.DataLoader`, with what is written between the brackets."""

    name: str
    line: int
    arguments: tuple[str, ...]
    keywords: Mapping[str, str]

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Function:
    """A function, with its decorators resolved and what tells whether it is typed and documented."""

    name: str
    line: int
    within: str
    decorators: tuple[str, ...]
    route: str
    annotated: bool
    documented: bool
    asserts: int
    commands: tuple[tuple[int, str], ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether others are meant to call it."""
        return not self.name.startswith("_") and not self.within.startswith("_")


@dataclass(frozen=True, slots=True)
class Class:
    """A class and the resolved names of its bases."""

    name: str
    line: int
    bases: tuple[str, ...]


@dataclass(frozen=True)
class PythonFacts:
    """All that is kept of a file."""

    path: str
    lines: int
    imports: tuple[Import, ...]
    calls: tuple[Call, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    commands: tuple[tuple[int, str], ...]
    main_line: int
    oddities: tuple[Oddity, ...]
    modules: frozenset[str] = field(default_factory=frozenset)

    def line_of_import(self, *tops: str) -> int:
        """The line of the first import of any of the packages, 0 for none."""
        for one in self.imports:
            if any(one.name == top or one.name.startswith(f"{top}.") for top in tops):
                return one.line
        return 0


def read_python(source: bytes | str, path: str) -> PythonFacts:
    """The facts of a source; raises SyntaxError, ValueError or RecursionError for what Python cannot read."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    optional = _optional(nodes)
    imports = tuple(_imports(nodes, optional))
    names = Names.of(nodes)
    calls = tuple(_call(node, names) for node in nodes if isinstance(node, ast.Call))
    return PythonFacts(
        path,
        source.count(b"\n" if isinstance(source, bytes) else "\n"),  # type: ignore[arg-type]
        imports,
        tuple(one for one in calls if one.name),
        tuple(_functions(tree, names)),
        tuple(_class(node, names) for node in nodes if isinstance(node, ast.ClassDef)),
        tuple(_commands(nodes)),
        next((node.lineno for node in tree.body if _is_main(node)), 0),
        tuple(oddities(tree, nodes, names)),
        frozenset(one.module for one in imports),
    )


def _optional(nodes: list[ast.AST]) -> set[int]:
    """Imports that may fail, or that only a type checker reads."""
    found: set[int] = set()
    for node in nodes:
        guarded: list[ast.stmt] = []
        if isinstance(node, ast.Try) and any(_catches_imports(one) for one in node.handlers):
            guarded = node.body
        elif isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING"):
            guarded = node.body
        found.update(id(one) for stmt in guarded for one in ast.walk(stmt))
    return found


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(one) in ("ImportError", "ModuleNotFoundError", "Exception") for one in caught)


def _imports(nodes: list[ast.AST], optional: set[int]) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                yield Import(one.name, one.name, node.lineno, id(node) in optional)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            joint = "" if not node.module else "."
            for one in node.names:
                yield Import(f"{module}{joint}{one.name}", module, node.lineno, id(node) in optional)


def _call(node: ast.Call, names: Names) -> Call:
    keywords = {one.arg: text_of(one.value) for one in node.keywords if one.arg}
    return Call(names.resolve(node.func), node.lineno, tuple(map(text_of, node.args[:4])), keywords)


def _functions(tree: ast.Module, names: Names) -> Iterator[Function]:
    """Functions of the module and of its classes, not those within functions."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield _function(one, names, node.name)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _function(node, names, "")
            for one in node.body:  # an application that a function makes has its routes within it
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.decorator_list:
                    yield _function(one, names, "_")


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, names: Names, within: str) -> Function:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bound = 1 if within and every and every[0].arg in ("self", "cls") else 0
    annotated = all(one.annotation for one in every[bound:]) and (node.returns is not None or node.name == "__init__")
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
    routes = [text_of(one.args[0]) for one in calls if one.args]
    inner = list(ast.walk(node))
    return Function(
        node.name,
        node.lineno,
        within,
        tuple(names.resolve(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list),
        routes[0] if routes else "",
        annotated,
        ast.get_docstring(node) is not None,
        sum(_asserts(one) for one in inner),
        tuple(_commands(inner)),
    )


def _asserts(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    called = dotted(node.func) if isinstance(node, ast.Call) else ""
    return "raises" in called or "assert" in called.lower()


def _class(node: ast.ClassDef, names: Names) -> Class:
    return Class(node.name, node.lineno, tuple(names.resolve(base) for base in node.bases))


def _commands(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Command lines that a file starts: lists of words, and texts that are handed to a shell."""
    for node in nodes:
        if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
            if words := _words(node.elts):
                yield node.lineno, words
        elif isinstance(node, ast.Call) and node.args:
            told = text_of(node.args[0]) if dotted(node.func).rpartition(".")[2] in _STARTS else ""
            if " " in told:
                yield node.lineno, told
            elif _starts_tool(node.args):
                yield node.lineno, _words(node.args)


def _starts_tool(nodes: list[ast.expr]) -> bool:
    """`(python, "-m", "pytest")` and `(tool("ruff"), "check")`."""
    given = [one.value for one in nodes[1:] if isinstance(one, ast.Constant)]
    return "-m" in given or (isinstance(nodes[0], ast.Call) and _word(nodes[0]) != "?" and bool(given))


def _words(nodes: list[ast.expr]) -> str:
    """The words of a command, `?` for what is not known: `(tool("ruff"), "check")` as `ruff check`; else nothing."""
    words = [_word(one) for one in nodes]
    known = [word for word in words if word != "?"]
    return " ".join(words) if len(known) > 1 and not any(" " in word for word in words) else ""


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and node.value else " "
    return (text_of(node) or "?") if isinstance(node, ast.JoinedStr) else "?"


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Compare) and dotted(node.test.left) == "__name__"
