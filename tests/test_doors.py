"""The doors of kinds and outputs: narrow ones, and nobody outside asks which kind or output it has."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from omloop import core

SRC = Path(__file__).resolve().parent.parent / "src" / "omloop"
INSIDE = ("kinds", "train", "package", "testing")
KINDS = {"Table", "Image", "Text", "Number", "Classes"}
MOST_VERBS = 6


@pytest.mark.parametrize("door", [*core.Kind.__bases__[:-1], *core.Output.__bases__[:-1]], ids=lambda it: it.__name__)
def test_a_door_has_six_verbs_at_most(door: type) -> None:
    verbs = {name for name in vars(door) if not name.startswith("_")}
    assert 0 < len(verbs) <= MOST_VERBS and getattr(core, door.__name__) is door


@pytest.mark.parametrize("sum_of_doors", [core.Kind, core.Output])
def test_a_kind_and_an_output_are_the_sums_of_their_doors(sum_of_doors: type) -> None:
    assert not [name for name in vars(sum_of_doors) if not name.startswith("_")]


def test_nobody_outside_asks_which_kind_or_output_it_has() -> None:
    outside = [path for path in SRC.rglob("*.py") if path.relative_to(SRC).parts[0] not in INSIDE]
    assert len(outside) > 250
    assert [f"{path.relative_to(SRC)}:{line}" for path in outside for line in questions(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "asked",
    [
        "isinstance(kind, (int, Image))",
        "isinstance(one.outputs, omloop.kinds.Number)",
        "match output:\n    case Classes(): pass",
        "found = 'label' in answer",
        "if outputs.ndim > 1: pass",
        "same = champion.graph_output != candidate.graph_output",
    ],
)
def test_a_question_is_seen(asked: str) -> None:
    assert len(list(questions(asked))) == 1


def test_every_adapter_of_a_table_is_assigned_to_its_protocol() -> None:
    """Under the table's name, for the type checker."""
    tree = ast.parse((SRC / "loop" / "adapters.py").read_text("utf-8"))
    found = {ast.unparse(one.target): one.value for one in ast.walk(tree) if isinstance(one, ast.AnnAssign)}
    assert {name: keys(table) for name, table in found.items()} == {name: keys(table) for name, table in tables()}


def test_a_project_needs_neither_a_cast_nor_an_ignored_type() -> None:
    written = {path: path.read_text("utf-8") for path in (SRC.parent.parent / "projects").rglob("*.py")}
    assert len({path.parent for path in written}) >= 5
    assert [path for path, text in written.items() if "type: ignore" in text or "import cast" in text] == []


def tables() -> Iterator[tuple[str, ast.expr]]:
    """The name of each table of adapters, with what stands in it."""
    for path in SRC.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            made = node.value if isinstance(node, ast.Assign) else None
            if isinstance(made, ast.Call) and ast.unparse(made.func) == "Backends":
                yield ast.unparse(node.targets[0]), made.args[1]


def keys(table: ast.expr | None) -> set[str]:
    assert isinstance(table, ast.Dict)
    return {ast.literal_eval(key) for key in table.keys if key is not None}


def questions(source: str) -> Iterator[int]:
    """Lines that ask which kind or output something is."""
    tree = ast.parse(source)
    ours = KINDS - {name.asname or name.name for name in imported(tree, "rich.")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
            asked = bool(names(node.args[1]) & ours)
        elif isinstance(node, ast.MatchClass):
            asked = bool(names(node.cls) & ours)
        else:
            asked = isinstance(node, ast.Compare) and compares(node)
        if asked:
            yield node.lineno


def compares(node: ast.Compare) -> bool:
    """Whether a comparison tells outputs apart by what they look like."""
    look_up = all(isinstance(how, ast.In | ast.NotIn) for how in node.ops)
    if look_up:
        return isinstance(node.left, ast.Constant) and node.left.value == "label"
    dimensions = isinstance(node.left, ast.Attribute) and node.left.attr == "ndim" and isinstance(node.ops[0], ast.Gt)
    return dimensions or "graph_output" in names(node)


def imported(tree: ast.AST, package: str) -> Iterator[ast.alias]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            yield from node.names


def names(node: ast.AST) -> set[str]:
    """The last words of all names in an expression."""
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
