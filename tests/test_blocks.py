"""Blocks of code on pages: Python that compiles and imports what is there, and data that parses."""

import ast
import doctest
import json
import re
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "AGENTS")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "projects").rglob("README.md")),
]
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)[^\n]*\n(?P<text>.*?)^ *```$", re.DOTALL | re.MULTILINE)
EXAMPLES = doctest.DocTestParser()


def _json(text: str) -> None:
    """One value, or one a line."""
    try:
        json.loads(text)
    except ValueError:
        for line in text.splitlines():
            json.loads(line)


PARSERS = {"json": _json, "toml": tomllib.loads, "yaml": yaml.safe_load}


def blocks(*kinds: str) -> list[object]:
    """The blocks of some kinds, each by the page and the line where it begins."""
    return [
        pytest.param(found["kind"], textwrap.dedent(found["text"]), id=f"{page.relative_to(ROOT)}:{line}")
        for page in PAGES
        for found, line in _found(page)
        if found["kind"] in kinds
    ]


def _found(page: Path) -> Iterator[tuple[re.Match[str], int]]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield found, text.count("\n", 0, found.start()) + 1


@pytest.mark.parametrize(("kind", "text"), blocks("python"))
def test_python_compiles_and_imports_what_is_there(kind: str, text: str) -> None:
    code = "".join(one.source for one in EXAMPLES.get_examples(text)) or text
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "omloop":
            exec(ast.unparse(node), {})  # noqa: S102  our own pages


RUN = ("alerts", "data", "drift", "monitor", "promote", "track")
RUN_SLOWLY = ("add-model",)
"""How-to pages whose Python runs as it stands, from top to bottom; python.md is run with the Python interface."""


@pytest.mark.parametrize("name", [*RUN, *(pytest.param(name, marks=pytest.mark.slow) for name in RUN_SLOWLY)])
def test_python_on_a_page_runs_from_top_to_bottom(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page, known = ROOT / "docs" / "how-to" / f"{name}.md", dict[str, object]()
    found = [textwrap.dedent(block["text"]) for block, _ in _found(page) if block["kind"] == "python"]
    assert found
    for text in found:
        exec(compile(text, page.name, "exec"), known)  # noqa: S102  our own pages


@pytest.mark.parametrize(("kind", "text"), blocks(*PARSERS))
def test_data_parses(kind: str, text: str) -> None:
    PARSERS[kind](text)
