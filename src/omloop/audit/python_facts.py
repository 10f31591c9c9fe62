"""What a Python file says, by its syntax tree: imports, calls, functions, classes, commands that it starts."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from omloop.audit.code_defects import Oddity, oddities
from omloop.audit.names import Names, dotted, text_of
from omloop.audit.syntax import Syntax

Definition = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_STARTS = {"run", "system", "sudo", "call", "check_call", "check_output", "Popen"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name in full, such as `google.cloud.storage`, or `..data`; `optional` ones may be absent."""

    name: str
    line: int
    optional: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its resolved name, such as `torch.utils.data.DataLoader`, with its arguments.

    `texts` holds those of its arguments that are texts, not names.
    """

    name: str
    line: int
    arguments: tuple[str, ...]
    keywords: Mapping[str, str]
    texts: frozenset[str]

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Function:
    """A function, with its resolved decorators and whether it has annotations and a docstring.

    In a file of tests `uses` holds the names in it, as they stand and resolved.
    """

    name: str
    line: int
    end: int
    within: str
    decorators: tuple[str, ...]
    route: str
    annotated: bool
    documented: bool
    asserts: int
    commands: tuple[tuple[int, str], ...] = ()
    uses: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether it is public: neither its name nor that of its class begins with an underscore."""
        return not self.name.startswith("_") and not self.within.startswith("_")


@dataclass(frozen=True, slots=True)
class Class:
    """A class and the resolved names of its bases."""

    name: str
    line: int
    bases: tuple[str, ...]


@dataclass(frozen=True)
class PythonFacts:
    """All facts that the audit keeps of a file."""

    path: str
    imports: tuple[Import, ...]
    calls: tuple[Call, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    commands: tuple[tuple[int, str], ...]
    main_line: int
    oddities: tuple[Oddity, ...]

    @property
    def decorators(self) -> frozenset[str]:
        """The resolved names of all decorators, those of methods within classes too."""
        return frozenset(name for one in self.functions for name in one.decorators)

    def line_of_import(self, *tops: str) -> int:
        """The line of the first import of any of the packages, 0 for none."""
        for one in self.imports:
            if any(one.name == top or one.name.startswith(f"{top}.") for top in tops):
                return one.line
        return 0


def read_python(source: bytes | str, path: str) -> PythonFacts:
    """The facts of a source; raises SyntaxError, ValueError or RecursionError for what Python cannot read."""
    syntax = Syntax(ast.parse(source))
    names = Names.of(syntax)
    imports = tuple(_imports(syntax, _optional(syntax)))
    commands = sorted(_commands(syntax))
    return PythonFacts(
        path,
        imports,
        tuple(one for one in (_call(node, names) for node in syntax.of(ast.Call)) if one.name),
        tuple(_functions(syntax, names, commands, path)),
        tuple(_class(node, names) for node in syntax.of(ast.ClassDef)),
        tuple(commands),
        next((node.lineno for node in syntax.tree.body if _is_main(node)), 0),
        tuple(oddities(syntax, names)),
    )


def _optional(syntax: Syntax) -> set[int]:
    """Imports that may fail, or that only a type checker reads."""
    tries = (one.body for one in syntax.of(ast.Try) if any(map(_catches_imports, one.handlers)))
    checks = (one.body for one in syntax.of(ast.If) if dotted(one.test).endswith("TYPE_CHECKING"))
    guarded = (statement for body in (*tries, *checks) for statement in body)
    return {id(one) for statement in guarded for one in ast.walk(statement)}


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(one) in ("ImportError", "ModuleNotFoundError", "Exception") for one in caught)


def _imports(syntax: Syntax, optional: set[int]) -> Iterator[Import]:
    for node in syntax.of(ast.Import):
        for one in node.names:
            yield Import(one.name, node.lineno, id(node) in optional)
    for origin in syntax.of(ast.ImportFrom):
        module = "." * origin.level + (f"{origin.module}." if origin.module else "")
        for one in origin.names:
            yield Import(module + one.name, origin.lineno, id(origin) in optional)


def _call(node: ast.Call, names: Names) -> Call:
    keywords = {one.arg: text_of(one.value) for one in node.keywords if one.arg}
    given = (*node.args[:4], *(one.value for one in node.keywords))
    texts = frozenset(text_of(one) for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return Call(names.resolve(node.func), node.lineno, tuple(map(text_of, node.args[:4])), keywords, texts)


def _functions(syntax: Syntax, names: Names, commands: list[tuple[int, str]], path: str) -> Iterator[Function]:
    """Functions of the module and of its classes, and within functions the decorated ones."""
    asserts = sorted(one.lineno for one in syntax.of(ast.Assert))
    asserts = sorted(asserts + [one.lineno for one in syntax.of(ast.Call) if _asserts(one)])
    for within, node in _definitions(syntax.tree):
        first, last = node.lineno, node.end_lineno or node.lineno
        checks = bisect_right(asserts, last) - bisect_left(asserts, first)
        started = tuple(one for one in commands if first <= one[0] <= last)
        function = _function(node, names, within, checks, started)
        yield replace(function, uses=_uses(node, names)) if "test" in path else function


def _definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from ((node.name, one) for one in node.body if isinstance(one, DEFINITIONS))
        elif isinstance(node, DEFINITIONS):
            yield "", node
            # An application that a function makes has its routes within it.
            yield from (("_", one) for one in node.body if isinstance(one, DEFINITIONS) and one.decorator_list)


def _function(
    node: Definition, names: Names, within: str, asserts: int, commands: tuple[tuple[int, str], ...]
) -> Function:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bound = 1 if within and every and every[0].arg in ("self", "cls") else 0
    annotated = all(one.annotation for one in every[bound:]) and (node.returns is not None or node.name == "__init__")
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
    return Function(
        node.name,
        node.lineno,
        node.end_lineno or node.lineno,
        within,
        tuple(names.resolve(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list),
        next((text_of(one.args[0]) for one in calls if one.args), ""),
        annotated,
        ast.get_docstring(node, clean=False) is not None,
        asserts,
        commands,
    )


def _uses(function: Definition, names: Names) -> frozenset[str]:
    plain = [one for one in ast.walk(function) if isinstance(one, ast.Name)]
    own = [one for one in ast.walk(function) if isinstance(one, ast.Attribute) and dotted(one.value) == "self"]
    made = (names.resolve(one).partition("(")[0] for one in (*plain, *own))  # `net = Net()` uses Net
    return frozenset([*(one.id for one in plain), *made])


def _asserts(node: ast.Call) -> bool:
    called = dotted(node.func)
    return "raises" in called or "assert" in called.lower()


def _class(node: ast.ClassDef, names: Names) -> Class:
    return Class(node.name, node.lineno, tuple(names.resolve(base) for base in node.bases))


def _commands(syntax: Syntax) -> Iterator[tuple[int, str]]:
    """Command lines that a file starts: lists of words, and texts for a shell."""
    listed = [(one.lineno, one.elts) for one in syntax.of(ast.List)]
    listed += [(one.lineno, one.elts) for one in syntax.of(ast.Tuple)]
    for line, elements in listed:
        if len(elements) > 1 and (words := _words(elements)):
            yield line, words
    written = {dotted(target): one.value for one in syntax.of(ast.Assign) for target in one.targets}
    for call in syntax.of(ast.Call):
        if not call.args:
            continue
        told = _text(call.args[0], written) if dotted(call.func).rpartition(".")[2] in _STARTS else ""
        if " " in told:
            yield call.lineno, told
        elif _starts_tool(call.args):
            yield call.lineno, _words(call.args)


def _text(node: ast.expr, written: Mapping[str, ast.expr]) -> str:
    """A text in one line, also one that a variable holds, and with `.strip()` behind it."""
    node = written.get(node.id, node) if isinstance(node, ast.Name) else node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "strip":
        node = node.func.value
    return " ".join(text_of(node).replace("\\\n", " ").split())


def _starts_tool(nodes: list[ast.expr]) -> bool:
    """`(python, "-m", "pytest")` and `(tool("ruff"), "check")`."""
    given = [one.value for one in nodes[1:] if isinstance(one, ast.Constant)]
    return "-m" in given or (isinstance(nodes[0], ast.Call) and _word(nodes[0]) != "?" and bool(given))


def _words(nodes: list[ast.expr]) -> str:
    """The words of a command, `?` for an unknown word: `(tool("ruff"), "check")` as `ruff check`; else nothing."""
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
