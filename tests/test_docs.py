"""What the documentation promises is there: commands, pages, links."""

import argparse
import importlib
import re
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.docs_scripts import docs_script

from omloop.cli.commands import COMMANDS
from omloop.cli.parser import load, parser_of
from omloop.core import Backends, Project
from omloop.loop.project.configure import Configuration, configure
from omloop.sweep import read_space

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "AGENTS")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINE = re.compile(r"^\$ (omloop .*?)(?:\s+#.*)?$", re.MULTILINE)
COMMAND_LINES = [(page, line) for page in PAGES for line in LINE.findall(page.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def composed(student: Project) -> Callable[..., Configuration]:
    """The student's configuration with some overrides: pages say the same ones again and again."""
    return cache(lambda *overrides: configure(student, overrides))


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES, ids=lambda value: str(value)[-60:])
def test_every_command_line_on_a_page_is_one_that_omloop_takes(
    page: Path, line: str, student: Project, composed: Callable[..., Configuration]
) -> None:
    words = shlex.split(line)[1:]
    if words[0].startswith("-"):
        return
    assert words[0] in COMMANDS
    args = parser_of(words[0], load(words[0])).parse_intermixed_args(words[1:])
    if words[0] == "sweep" and args.name == student.name:
        space = read_space(args.overrides).of_models(list(student.models))
        for trial in space.samples():
            composed(*space.overrides(trial))
    elif getattr(args, "name", "") == student.name:
        composed(*getattr(args, "overrides", []))


@pytest.mark.parametrize("maker", ["make_commands", "make_models"])
def test_a_page_that_is_made_is_up_to_date(maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    module = docs_script(maker)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), f"run: python docs/{maker}.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def tables() -> list[Backends]:
    """Every table of adapters that a module of omloop declares."""
    found = (
        importlib.import_module(path.relative_to(ROOT / "src").with_suffix("").as_posix().replace("/", "."))
        for path in sorted((ROOT / "src").rglob("*.py"))
        if re.search(r"= Backends\(", path.read_text(encoding="utf-8")) and path.name != "_backends.py"
    )
    return [table for module in found for table in vars(module).values() if isinstance(table, Backends)]


def test_every_adapter_and_its_entry_point_group_stand_on_their_page() -> None:
    page = (ROOT / "docs" / "reference" / "adapters.md").read_text(encoding="utf-8")
    assert len(tables()) >= 15
    for table in tables():
        assert f"`omloop.{table.stage}`" in page, table.stage
        assert not [name for name in table.known if f"`{name}`" not in page], table.stage


def test_every_room_has_a_page() -> None:
    rooms = ["data", "train", "track", "optimise", "evaluate", "register", "promote", "serve", "monitor", "drift"]
    rooms += ["probe", "sweep"]
    assert all((ROOT / "docs" / "how-to" / f"{room}.md").is_file() for room in rooms)


def test_every_option_of_every_command_says_what_it_does() -> None:
    for name in COMMANDS:
        for action in parser_of(name, load(name))._actions:
            assert action.help and action.help != argparse.SUPPRESS, f"{name} {action.dest}"
